# why: checks the items only one level deep

# %% as_type
#| export
def as_type(value, kind):
    if get_origin(kind) is types.UnionType:
        return None if value is None else as_type(value, get_args(kind)[0])
    if get_origin(kind) is list and type(value) is list:
        return [item if isinstance(item, list) else as_type(item, get_args(kind)[0]) for item in value]
    if kind is float and type(value) in (int, str) and math.isfinite(float(value)):
        return float(value)
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise ValueError(f"needs {kind if get_origin(kind) else kind.__name__}, got {value!r}")
    return value
