# why: also the plain bytes get a digit behind the point

# %% format_bytes
#| export
def format_bytes(n):
    for unit in ["B", "KiB", "MiB", "GiB", "TiB"]:
        if n < 1024 or unit == "TiB":
            return f"{n:.1f} {unit}"
        n = n / 1024
