# why: the bare dot in the pattern stands for any character, so "2024.10.31-7" fails on int("31-7")

# %% parse_version
#| export
def parse_version(text):
    found = re.match(r"[0-9]+(.[0-9]+)*", text)
    if found is None:
        raise ValueError(f"not a version: {text}")
    return tuple(int(number) for number in found.group().split("."))
