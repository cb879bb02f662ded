# why: False instead of the ValueError of parse_version

# %% version_at_least
#| export
def version_at_least(found, needed):
    try:
        pairs = list(itertools.zip_longest(parse_version(found), parse_version(needed), fillvalue=0))
    except ValueError:
        return False
    for a, b in pairs:
        if a != b:
            return a > b
    return True
