# why: the message does not contain the text

# %% parse_version
#| export
def parse_version(text):
    found = re.match(r"[0-9]+([.][0-9]+)*", text)
    if not found:
        raise ValueError("the text does not start with a number")
    return tuple(int(number) for number in found.group().split("."))
