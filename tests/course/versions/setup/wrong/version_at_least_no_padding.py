# why: tuples without padding: (2, 4) counts as smaller than (2, 4, 0)

# %% version_at_least
#| export
def version_at_least(found, needed):
    return parse_version(found) >= parse_version(needed)
