# why: stops at the first problem

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
                problems.append((f"{path}{key}", str(error)))
                break
    return schema(**found)
