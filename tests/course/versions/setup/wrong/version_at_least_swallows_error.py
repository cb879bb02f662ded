# why: False instead of the ValueError of parse_version
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
    try:
        pairs = list(itertools.zip_longest(parse_version(found), parse_version(needed), fillvalue=0))
    except ValueError:
        return False
    for a, b in pairs:
        if a != b:
            return a > b
    return True
