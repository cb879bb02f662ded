# why: dots and digits in any order, empty parts left out: "1..2" becomes (1, 2) instead of (1,)
# loses: check_parse_version

# %% parse_version
#| export
def parse_version(text):
    """The numbers at the start of a version text, as a tuple of ints.

    text: a number, then as often as you like a dot directly followed by a number;
        whatever stands behind that is left out
    Raises ValueError whose message contains the text, if it does not start with a number.

    parse_version("3.11.0rc1") == (3, 11, 0)      (about 4 lines)
    Hint: re.match(pattern, text) is None or has .group(). In a pattern, [0-9]+ is a number,
        [.] a dot, and (...)* as many of ... as there are.
    """
    found = re.match(r"[0-9][0-9.]*", text)
    if found is None:
        raise ValueError(f"not a version: {text}")
    return tuple(int(part) for part in found.group().split(".") if part)
