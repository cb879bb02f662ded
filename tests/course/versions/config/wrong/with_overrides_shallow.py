# why: copies only the outermost dict

# %% with_overrides
#| export
def with_overrides(values, overrides):
    values = dict(values)
    for text in overrides:
        key, equals, value = text.partition("=")
        *sections, last = key.split(".")
        inside = values
        for name in sections:
            inside = inside.setdefault(name, {}) if isinstance(inside, dict) else None
        if not (equals and all(key.split(".")) and isinstance(inside, dict)):
            raise ValueError(f"{text}: an override looks like optimizer.lr=0.1, and changes an option in a section")
        inside[last] = parse_value(value)
    return values
