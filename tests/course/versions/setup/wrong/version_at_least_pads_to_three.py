# why: fills up to three numbers only, so 2.4 is not enough for 2.4.0.0

# %% version_at_least
#| export
def version_at_least(found, needed):
    a, b = parse_version(found), parse_version(needed)
    a = a + (0,) * (3 - len(a))
    b = b + (0,) * (3 - len(b))
    return a >= b
