# why: takes zeros off the end of the text, so 3.10 becomes 3.1

# %% version_at_least
#| export
def version_at_least(found, needed):
    return parse_version(found.rstrip(".0")) >= parse_version(needed.rstrip(".0"))
