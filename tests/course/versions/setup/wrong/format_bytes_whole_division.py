# why: // throws the digit behind the point away

# %% format_bytes
#| export
def format_bytes(n):
    if n < 1024:
        return f"{n} B"
    for unit in ["KiB", "MiB", "GiB", "TiB"]:
        n //= 1024
        if n < 1024:
            break
    return f"{n:.1f} {unit}"
