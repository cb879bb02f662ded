# why: other loops, other tools

# %% as_type
#| export
def as_type(value, kind):
    inner = get_args(kind)
    if type(None) in inner:
        if value is None:
            return None
        (kind,) = [one for one in inner if one is not type(None)]
        return as_type(value, kind)
    problem = ValueError(f"{value!r} is not what is needed here: {kind}")
    if inner:
        if not isinstance(value, list):
            raise problem
        result = []
        for item in value:
            result.append(as_type(item, inner[0]))
        return result
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise problem
        try:
            value = float(value)
        except ValueError:
            raise problem from None
        if value != value or value in (math.inf, -math.inf):
            raise problem
        return value
    if value.__class__ != kind:
        raise problem
    return value

# %% build
#| export
def build(schema, values, problems, path=""):
    found = {}
    for option in fields(schema):
        if option.name not in values:
            continue
        value, name = values[option.name], path + option.name
        if is_dataclass(option.type) and type(value) is dict:
            found[option.name] = build(option.type, value, problems, name + ".")
            continue
        try:
            found[option.name] = option_value(option, value)
        except ValueError as error:
            problems.append((name, str(error)))
    for key in values:
        if key not in [option.name for option in fields(schema)]:
            problems.append((f"{path}{key}", unknown_key(key, schema)))
    return schema(**found)

# %% with_overrides
#| export
def with_overrides(values, overrides):
    def put(section, keys, value, text):
        if not isinstance(section, dict) or not keys[0]:
            raise ValueError(f"can't use {text!r}")
        section = dict(section)
        if len(keys) == 1:
            section[keys[0]] = value
        else:
            section[keys[0]] = put(section.get(keys[0], {}), keys[1:], value, text)
        return section

    result = copy.deepcopy(values)
    for text in overrides:
        if "=" not in text:
            raise ValueError(f"can't use {text!r}: it has no =")
        key, value = text.split("=", 1)
        put(result, key.split("."), None, text)
        result = put(result, key.split("."), parse_value(value), text)
    return result

# %% load_config
#| export
def load_config(path, overrides=(), schema=Config):
    values, lines = read_yaml(path)
    problems = []
    try:
        config = build(schema, with_overrides(values, overrides), problems)
    except ValueError as error:
        raise ConfigError("command line: " + str(error)) from error
    if not problems:
        return config
    said = []
    for key, words in problems:
        parts = key.split(".")
        around = {".".join(parts[: i + 1]) for i in range(len(parts))}
        mine = key not in lines or around & {text.split("=")[0] for text in overrides}
        said.append(f"{'command line' if mine else str(path) + ':' + str(lines[key])}: {key}: {words}")
    raise ConfigError("\n".join(said))

# %% rows
#| export
def append_row(path, row):
    def plain(value):
        if hasattr(value, "item"):
            value = value.item()
        return None if type(value) is float and not -math.inf < value < math.inf else value

    text = json.dumps({name: plain(value) for name, value in row.items()}, ensure_ascii=False, separators=(",", ":"))
    with open(path, "ab") as file:
        file.write(f"{text}\n".encode())


def read_rows(path):
    try:
        raw = Path(path).read_bytes()
    except FileNotFoundError:
        return []
    rows = []
    for line in raw[: raw.rfind(b"\n") + 1].splitlines(keepends=True):
        try:
            rows.append(json.loads(line.decode("utf-8", errors="ignore")))
        except ValueError as error:
            raise ValueError(f"{path}:{len(rows) + 1}: {error}") from error
    return rows
