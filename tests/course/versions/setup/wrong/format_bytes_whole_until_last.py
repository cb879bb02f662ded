# why: // on the way and / only at the last step: 1101107 bytes are "1.0 MiB" instead of "1.1 MiB"

# %% format_bytes
#| export
def format_bytes(n):
    if n < 1024:
        return f"{n} B"
    units = ["KiB", "MiB", "GiB", "TiB"]
    i = 0
    while n >= 1024**2 and i < 3:
        n //= 1024
        i += 1
    return f"{n / 1024:.1f} {units[i]}"
