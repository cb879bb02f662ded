# why: makes a section out of a number

# %% with_overrides
#| export
def with_overrides(values, overrides):
    values = copy.deepcopy(values)
    for text in overrides:
        key, equals, value = text.partition("=")
        *sections, last = key.split(".")
        inside = values
        for name in sections:
            if not isinstance(inside.get(name), dict):
                inside[name] = {}
            inside = inside[name]
        if not (equals and all(key.split(".")) and isinstance(inside, dict)):
            raise ValueError(f"{text}: an override looks like optimizer.lr=0.1, and changes an option in a section")
        inside[last] = parse_value(value)
    return values
