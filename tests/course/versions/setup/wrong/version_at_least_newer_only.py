# why: > instead of >=, so the same version is not enough

# %% version_at_least
#| export
def version_at_least(found, needed):
    a, b = parse_version(found), parse_version(needed)
    length = max(len(a), len(b))
    a += (0,) * (length - len(a))
    b += (0,) * (length - len(b))
    return a > b
