# why: search instead of match finds numbers later in the text, so "v2.0" is taken

# %% parse_version
#| export
def parse_version(text):
    found = re.search(r"[0-9]+([.][0-9]+)*", text)
    if found is None:
        raise ValueError(f"not a version: {text}")
    return tuple(int(number) for number in found.group().split("."))
