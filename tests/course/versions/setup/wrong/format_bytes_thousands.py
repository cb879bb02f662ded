# why: steps of 1000
# loses: check_format_bytes

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
