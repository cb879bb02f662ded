# why: rounds before choosing the unit, so 1048575 is "1.0 MiB"

# %% format_bytes
#| export
def format_bytes(n):
    if n < 1024:
        return f"{n} B"
    for unit in ["KiB", "MiB", "GiB", "TiB"]:
        n = round(n / 1024, 1)
        if n < 1024:
            break
    return f"{n:.1f} {unit}"
