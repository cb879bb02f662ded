# why: // on the way and / only at the last step: 1101107 bytes are "1.0 MiB" instead of "1.1 MiB"
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
    i = 0
    while n >= 1024**2 and i < 3:
        n //= 1024
        i += 1
    return f"{n / 1024:.1f} {units[i]}"
