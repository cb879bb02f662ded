# why: the parts stay strings

# %% parse_version
#| export
def parse_version(text):
    found = re.match(r"[0-9]+([.][0-9]+)*", text)
    if found is None:
        raise ValueError(f"not a version: {text}")
    return tuple(found.group().split("."))
