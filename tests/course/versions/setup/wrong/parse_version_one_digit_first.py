# why: no + behind the first digits: "10.2" becomes (1,)

# %% parse_version
#| export
def parse_version(text):
    found = re.match(r"[0-9]([.][0-9]+)*", text)
    if found is None:
        raise ValueError(f"not a version: {text}")
    return tuple(int(number) for number in found.group().split("."))
