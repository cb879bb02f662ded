# why: whole numbers only, a half goes up: 1280 bytes are "1.3 KiB" instead of "1.2 KiB"

# %% format_bytes
#| export
def format_bytes(n):
    if n < 1024:
        return f"{n} B"
    units = ["KiB", "MiB", "GiB", "TiB"]
    power = 1
    while power < 4 and n >= 1024 ** (power + 1):
        power += 1
    tenths = (10 * n + 1024**power // 2) // 1024**power
    return f"{tenths // 10}.{tenths % 10} {units[power - 1]}"
