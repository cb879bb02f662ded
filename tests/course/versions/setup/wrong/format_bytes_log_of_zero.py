# why: the logarithm fails for 0 bytes

# %% format_bytes
#| export
def format_bytes(n):
    units = ["B", "KiB", "MiB", "GiB", "TiB"]
    i = min(int(math.log2(n) / 10), 4)
    if i == 0:
        return f"{n} B"
    return f"{n / 1024**i:.1f} {units[i]}"
