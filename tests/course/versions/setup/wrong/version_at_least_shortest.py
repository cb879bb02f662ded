# why: zip stops at the shorter version

# %% version_at_least
#| export
def version_at_least(found, needed):
    for a, b in zip(parse_version(found), parse_version(needed)):
        if a != b:
            return a > b
    return True
