# why: names the file, but not the folder that it is in

# %% load_config
#| export
def load_config(path, overrides=(), schema=Config):
    values, lines = read_yaml(path)
    try:
        values = with_overrides(values, overrides)
    except ValueError as error:
        raise ConfigError(f"command line: {error}") from None
    problems, overridden = [], tuple(f"{text.partition('=')[0]}." for text in overrides)
    config = build(schema, values, problems)
    places = {key: f"{Path(path).name}:{line}" for key, line in lines.items() if not f"{key}.".startswith(overridden)}
    if problems:
        raise ConfigError("\n".join(f"{places.get(key, 'command line')}: {key}: {words}" for key, words in problems))
    return config
