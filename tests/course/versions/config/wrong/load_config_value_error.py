# why: lets the ValueError of an override through

# %% load_config
#| export
def load_config(path, overrides=(), schema=Config):
    values, lines = read_yaml(path)
    try:
        values = with_overrides(values, overrides)
    except ValueError as error:
        raise
    problems, overridden = [], tuple(f"{text.partition('=')[0]}." for text in overrides)
    config = build(schema, values, problems)
    places = {key: f"{path}:{line}" for key, line in lines.items() if not f"{key}.".startswith(overridden)}
    if problems:
        raise ConfigError("\n".join(f"{places.get(key, 'command line')}: {key}: {words}" for key, words in problems))
    return config
