# why: half done

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
    raise NotImplementedError()


# %% system_report
#| export
def system_report(probes=PROBES):
    """What every probe answers, under the probe's name.

    probes: dict from name to probe, a function without arguments
    Returns a dict with the same names. Where a probe raises an Exception, of whatever class, the answer is None.

    system_report({"one": lambda: 1, "bad": lambda: 1 / 0}) == {"one": 1, "bad": None}      (about 7 lines)
    Hint: probes.items(), and in the loop try ... except Exception.
    """
    raise NotImplementedError()


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
    raise NotImplementedError()


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
    raise NotImplementedError()
