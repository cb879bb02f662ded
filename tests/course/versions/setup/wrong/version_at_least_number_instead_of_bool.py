# why: 1 and 0 instead of True and False

# %% version_at_least
#| export
def version_at_least(found, needed):
    pairs = list(itertools.zip_longest(parse_version(found), parse_version(needed), fillvalue=0))
    for a, b in pairs:
        if a != b:
            return 1 if a > b else 0
    return 1
