# why: takes zeros off the end of the text, so 3.10 becomes 3.1
# loses: check_version_at_least

# %% version_at_least
#| export
def version_at_least(found, needed):
    """Whether the version `found` is `needed` or newer.

    found, needed: texts that parse_version takes; a number that is missing counts as 0
    Returns True or False. Raises ValueError where parse_version does.

    version_at_least("3.9", "3.11") is False      (about 5 lines)
    Hint: itertools.zip_longest(..., fillvalue=0) pairs the numbers.
    """
    return parse_version(found.rstrip(".0")) >= parse_version(needed.rstrip(".0"))
