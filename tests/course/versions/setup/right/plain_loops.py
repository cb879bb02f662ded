# why: plain loops, no regular expression, itertools, math or statistics

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    """Greeting for somebody who starts this course.

    name: a string; white space around it does not count, white space inside it stays
    Returns "Hello <name>, welcome to TinyTorch!", with "world" where nothing is left of the name.

    hello_tinytorch(" Ada ") == "Hello Ada, welcome to TinyTorch!"      (about 2 lines)
    Hint: str.strip; an empty string counts as False, so `name or "world"` has a use.
    """
    white = " \t\n\r\x0b\x0c"
    first = 0
    last = len(name)
    while first < last and (name[first] in white or name[first].isspace()):
        first = first + 1
    while last > first and (name[last - 1] in white or name[last - 1].isspace()):
        last = last - 1
    who = name[first:last]
    if who == "":
        who = "world"
    return "Hello " + who + ", welcome to TinyTorch!"


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
    numbers = []
    digits = ""
    for character in text:
        if character in "0123456789":
            digits = digits + character
        elif character == "." and digits != "":
            numbers.append(int(digits))
            digits = ""
        else:
            break
    if digits != "":
        numbers.append(int(digits))
    if len(numbers) == 0:
        raise ValueError("no number at the start of " + text)
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
    a = list(parse_version(found))
    b = list(parse_version(needed))
    while len(a) < len(b):
        a.append(0)
    while len(b) < len(a):
        b.append(0)
    for i in range(len(a)):
        if a[i] > b[i]:
            return True
        if a[i] < b[i]:
            return False
    return True


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
    if n < 1024:
        return str(n) + " B"
    units = ["KiB", "MiB", "GiB", "TiB"]
    i = 0
    size = 1024
    while n >= size * 1024 and i < len(units) - 1:
        size = size * 1024
        i = i + 1
    return "%.1f %s" % (n / size, units[i])


# %% system_report
#| export
def system_report(probes=PROBES):
    """What every probe answers, under the probe's name.

    probes: dict from name to probe, a function without arguments
    Returns a dict with the same names. Where a probe raises an Exception, of whatever class, the answer is None.

    system_report({"one": lambda: 1, "bad": lambda: 1 / 0}) == {"one": 1, "bad": None}      (about 7 lines)
    Hint: probes.items(), and in the loop try ... except Exception.
    """
    answers = []
    for name in probes:
        try:
            answer = probes[name]()
        except Exception:
            answer = None
        answers.append((name, answer))
    report = {}
    for name, answer in answers:
        report[name] = answer
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
    total = itemsize
    for length in shape:
        total = total * length
    return total


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
    seconds = [0.0] * repeats
    for i in range(repeats):
        before = clock()
        f()
        after = clock()
        seconds[i] = after - before
    for i in range(repeats):
        for j in range(i + 1, repeats):
            if seconds[j] < seconds[i]:
                seconds[i], seconds[j] = seconds[j], seconds[i]
    half = repeats // 2
    if repeats % 2 == 1:
        return seconds[half]
    return (seconds[half - 1] + seconds[half]) / 2
