# why: wants every number to be at least as large, instead of the first difference to decide

# %% version_at_least
#| export
def version_at_least(found, needed):
    pairs = itertools.zip_longest(parse_version(found), parse_version(needed), fillvalue=0)
    return all(a >= b for a, b in pairs)
