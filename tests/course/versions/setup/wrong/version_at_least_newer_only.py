# why: > instead of >=, so the same version is not enough
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
    a, b = parse_version(found), parse_version(needed)
    length = max(len(a), len(b))
    a += (0,) * (length - len(a))
    b += (0,) * (length - len(b))
    return a > b
