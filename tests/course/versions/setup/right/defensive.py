# why: helper functions, arguments looked at first, numpy floats where a number is asked for

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    """Greeting for somebody who starts this course.

    name: a string; white space around it does not count, white space inside it stays
    Returns "Hello <name>, welcome to TinyTorch!", with "world" where nothing is left of the name.

    hello_tinytorch(" Ada ") == "Hello Ada, welcome to TinyTorch!"      (about 2 lines)
    Hint: str.strip; an empty string counts as False, so `name or "world"` has a use.
    """
    if not isinstance(name, str):
        raise TypeError("name must be a string")
    cleaned = name.strip()
    greeting = "Hello {who}, welcome to TinyTorch!"
    if len(cleaned) > 0:
        return greeting.format(who=cleaned)
    return greeting.format(who="world")


# %% parse_version
#| export
def parse_version(text):
    """The numbers at the start of a version text, as a tuple of ints.

    text: a number, then as often as you like a dot directly followed by a number;
        whatever stands behind that is left out
    Raises ValueError whose message contains the text, if it does not start with a number.

    parse_version("3.11.0rc1") == (3, 11, 0)      (about 4 lines)
    Hint: re.match(pattern, text) is None or has .group(). In a pattern, [0-9]+ is a number,
        [.] a dot, and (...)* as many of ... as there are.
    """
    def leading_digits(rest):
        return "".join(itertools.takewhile(lambda c: c in set("0123456789"), rest))

    first = leading_digits(text)
    if not first:
        message = "cannot read a version from '{}'".format(text)
        raise ValueError(message)
    numbers, rest = [int(first)], text[len(first):]
    while rest.startswith("."):
        digits = leading_digits(rest[1:])
        if not digits:
            break
        numbers.append(int(digits))
        rest = rest[1 + len(digits):]
    return tuple(numbers)


# %% version_at_least
#| export
def version_at_least(found, needed):
    """Whether the version `found` is `needed` or newer.

    found, needed: texts that parse_version takes; a number that is missing counts as 0
    Returns True or False. Raises ValueError where parse_version does.

    version_at_least("3.9", "3.11") is False      (about 5 lines)
    Hint: itertools.zip_longest(..., fillvalue=0) pairs the numbers.
    """
    def trimmed(numbers):
        while numbers and numbers[-1] == 0:
            numbers = numbers[:-1]
        return numbers

    return trimmed(tuple(parse_version(found))) >= trimmed(tuple(parse_version(needed)))


# %% format_bytes
#| export
def format_bytes(n):
    """A number of bytes, for people to read.

    n: an int, 0 or more
    Below 1024: the int and "B". Otherwise: divide by 1024 until the number is below 1024 or the unit is
    TiB; then the number with one digit behind the point, a blank and the unit: KiB, MiB, GiB or TiB.
    The unit is chosen before rounding, and rounding is that of f"{x:.1f}": 1048575 is "1024.0 KiB".

    format_bytes(1536) == "1.5 KiB"      (about 6 lines)
    Hint: a for loop over the units, and f"{number:.1f} {unit}".
    """
    if n < 0:
        raise ValueError("a number of bytes is 0 or more")
    number, units = n, ["B", "KiB", "MiB", "GiB", "TiB"]
    while number >= 1024 and len(units) > 1:
        number, units = number / 1024, units[1:]
    return f"{number} {units[0]}" if units[0] == "B" else f"{number:.1f} {units[0]}"


# %% system_report
#| export
def system_report(probes=PROBES):
    """What every probe answers, under the probe's name.

    probes: dict from name to probe, a function without arguments
    Returns a dict with the same names. Where a probe raises an Exception, of whatever class, the answer is None.

    system_report({"one": lambda: 1, "bad": lambda: 1 / 0}) == {"one": 1, "bad": None}      (about 7 lines)
    Hint: probes.items(), and in the loop try ... except Exception.
    """
    report = dict.fromkeys(probes)
    for name in list(report):
        try:
            report[name] = probes[name]()
        except Exception as error:
            assert report[name] is None, error
    return report


# %% nbytes
#| export
def nbytes(shape, itemsize):
    """Bytes that the numbers of an array take.

    shape: a tuple of ints, any length; () is a single number
    itemsize: bytes of one number, an int: 4 for float32, 8 for float64
    Returns an int, exact however large it is.

    nbytes((2, 3), 4) == 24      (about 1 line)
    Hint: math.prod.
    """
    if itemsize < 0 or any(length < 0 for length in shape):
        raise ValueError("lengths and itemsize are 0 or more")
    count = 1
    for length in tuple(shape):
        count *= int(length)
    return int(count) * int(itemsize)


# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    """Median of the seconds that a call of `f` takes.

    f: function without arguments, called exactly `repeats` times
    repeats: an int, 1 or more; for an even number, the median is the mean of the middle two
    clock: function without arguments that returns seconds; read twice a call, directly before and directly after it

    time_call(lambda: sum(range(1000)), repeats=9)      (about 6 lines)
    Hint: collect the differences in a list; statistics.median.
    """
    if repeats < 1:
        raise ValueError("at least one call is needed")

    def one_call():
        begin = clock()
        f()
        end = clock()
        return end - begin

    measured = np.array([one_call() for _ in range(repeats)], dtype=np.float64)
    measured.sort()
    low, high = (repeats - 1) // 2, repeats // 2
    return (measured[low] + measured[high]) / 2
