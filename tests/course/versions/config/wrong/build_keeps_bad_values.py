# why: also keeps a value that can not be used

# %% build
#| export
def build(schema, values, problems, path=""):
    options, found = {option.name: option for option in fields(schema)}, {}
    for key, value in values.items():
        if key not in options:
            problems.append((f"{path}{key}", unknown_key(key, schema)))
        elif is_dataclass(options[key].type) and isinstance(value, dict):
            found[key] = build(options[key].type, value, problems, f"{path}{key}.")
        else:
            try:
                found[key] = option_value(options[key], value)
            except ValueError as error:
                found[key] = value
                problems.append((f"{path}{key}", str(error)))
    return schema(**found)
