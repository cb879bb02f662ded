# why: compares three numbers and no more

# %% version_at_least
#| export
def version_at_least(found, needed):
    a = (parse_version(found) + (0, 0, 0))[:3]
    b = (parse_version(needed) + (0, 0, 0))[:3]
    return a >= b
