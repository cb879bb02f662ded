# why: whole numbers only, a half goes up: 1280 bytes are "1.3 KiB" instead of "1.2 KiB"
# loses: check_format_bytes

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
        return f"{n} B"
    units = ["KiB", "MiB", "GiB", "TiB"]
    power = 1
    while power < 4 and n >= 1024 ** (power + 1):
        power += 1
    tenths = (10 * n + 1024**power // 2) // 1024**power
    return f"{tenths // 10}.{tenths % 10} {units[power - 1]}"
