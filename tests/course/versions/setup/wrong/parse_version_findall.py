# why: takes every number of the text, also those behind letters

# %% parse_version
#| export
def parse_version(text):
    numbers = re.findall("[0-9]+", text)
    if not text[:1].isdigit():
        raise ValueError(f"not a version: {text}")
    return tuple(int(number) for number in numbers)
