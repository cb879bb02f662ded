# why: strips the text, so " 1.2" is taken although it does not start with a number

# %% parse_version
#| export
def parse_version(text):
    found = re.match(r"[0-9]+([.][0-9]+)*", text.strip())
    if found is None:
        raise ValueError(f"not a version: {text}")
    return tuple(int(number) for number in found.group().split("."))
