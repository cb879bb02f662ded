# why: compares the texts

# %% version_at_least
#| export
def version_at_least(found, needed):
    return found >= needed
