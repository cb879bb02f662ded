# why: dots and digits in any order, empty parts left out: "1..2" becomes (1, 2) instead of (1,)

# %% parse_version
#| export
def parse_version(text):
    found = re.match(r"[0-9][0-9.]*", text)
    if found is None:
        raise ValueError(f"not a version: {text}")
    return tuple(int(part) for part in found.group().split(".") if part)
