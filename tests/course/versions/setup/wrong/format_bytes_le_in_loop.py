# why: <= in the loop: 1024 ** 2 is "1024.0 KiB" instead of "1.0 MiB"

# %% format_bytes
#| export
def format_bytes(n):
    if n < 1024:
        return f"{n} B"
    for unit in ["KiB", "MiB", "GiB", "TiB"]:
        n = n / 1024
        if n <= 1024:
            break
    return f"{n:.1f} {unit}"
