# why: steps of 1000

# %% format_bytes
#| export
def format_bytes(n):
    if n < 1024:
        return f"{n} B"
    for unit in ["KiB", "MiB", "GiB", "TiB"]:
        n = n / 1000
        if n < 1000:
            break
    return f"{n:.1f} {unit}"
