# why: compares the texts
# loses: check_version_at_least

# %% version_at_least
#| export
def version_at_least(found, needed):
    return found >= needed
