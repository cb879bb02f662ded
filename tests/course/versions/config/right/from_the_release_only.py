# why: the whole solution of somebody who saw only the release

# %% as_type
#| export
def as_type(value, kind):
    if isinstance(kind, types.UnionType):
        if value is None:
            return None
        (kind,) = [k for k in get_args(kind) if k is not types.NoneType]
    if get_origin(kind) is list:
        if not isinstance(value, list):
            raise ValueError(f"needs a list, got {value!r}")
        return [as_type(item, get_args(kind)[0]) for item in value]
    result = value
    if kind is float and type(value) in (int, str):
        result = float(value)
    if type(result) is not kind:
        raise ValueError(f"needs {kind.__name__}, got {value!r}")
    if kind is float and not math.isfinite(result):
        raise ValueError(f"needs a finite number, got {value!r}")
    return result

# %% build
#| export
def build(schema, values, problems, path=""):
    options = {option.name: option for option in fields(schema)}
    found = {}
    for key, value in values.items():
        if key not in options:
            problems.append((f"{path}{key}", unknown_key(key, schema)))
            continue
        option = options[key]
        if is_dataclass(option.type) and isinstance(value, dict):
            found[key] = build(option.type, value, problems, f"{path}{key}.")
            continue
        try:
            found[key] = option_value(option, value)
        except ValueError as error:
            problems.append((f"{path}{key}", str(error)))
    return schema(**found)

# %% with_overrides
#| export
def with_overrides(values, overrides):
    values = copy.deepcopy(values)
    for override in overrides:
        key, equals, text = override.partition("=")
        *sections, last = key.split(".")
        if not equals or not all([*sections, last]):
            raise ValueError(f"needs a key, = and a value, got {override!r}")
        inside = values
        for section in sections:
            inside = inside.setdefault(section, {})
            if not isinstance(inside, dict):
                raise ValueError(f"{override}: {section} is no section")
        inside[last] = parse_value(text)
    return values

# %% load_config
#| export
def load_config(path, overrides=(), schema=Config):
    values, lines = read_yaml(path)
    try:
        values = with_overrides(values, overrides)
    except ValueError as error:
        raise ConfigError(f"command line: {error}") from None
    problems = []
    config = build(schema, values, problems)
    given = tuple(text.partition("=")[0] + "." for text in overrides)
    complaints = []
    for key, words in problems:
        if key not in lines or f"{key}.".startswith(given):
            complaints.append(f"command line: {key}: {words}")
        else:
            complaints.append(f"{path}:{lines[key]}: {key}: {words}")
    if complaints:
        raise ConfigError("\n".join(complaints))
    return config

# %% rows
#| export
def append_row(path, row):
    plain = {}
    for name, value in row.items():
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, float) and not math.isfinite(value):
            value = None
        plain[name] = value
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(plain) + "\n")


def read_rows(path):
    if not Path(path).exists():
        return []
    lines = Path(path).read_text(encoding="utf-8", errors="replace").split("\n")
    rows = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
    return rows

# %% stream
#| export
def fingerprint(config):
    text = json.dumps(asdict(config), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def stream(seed, name):
    return np.random.default_rng([seed, zlib.crc32(name.encode("utf-8"))])

# %% builders
#| export
def build_model(config):
    return MODELS[config.model.name](config.model, stream(config.seed, "model"))


def build_loaders(config):
    train_set, val_set = build_datasets(config.data)
    train_loader = DataLoader(train_set, config.data.batch_size, config.data.shuffle, config.seed)
    return train_loader, DataLoader(val_set, 200)


def build_trainer(config, checkpoint=None):
    model = build_model(config)
    train_loader, val_loader = build_loaders(config)
    optimizer = OPTIMIZERS[config.optimizer.name](model.parameters(), config.optimizer)
    steps = config.train.epochs * len(train_loader)
    schedule = SCHEDULES[config.optimizer.schedule](optimizer, steps)
    patience = config.train.patience
    stopping = None if patience is None else EarlyStopping(patience)
    trainer = Trainer(model, CrossEntropyLoss(), optimizer, schedule, stopping, checkpoint)
    return trainer, train_loader, val_loader

# %% train
#| export
def finished(trainer, config):
    """Whether a trainer has done all epochs of a config, or early stopping has had enough."""
    stopping = trainer.early_stopping
    return trainer.epoch >= config.train.epochs or (stopping is not None and stopping.waited >= stopping.patience)


@threadpool_limits.wrap(limits=1)
def train(run, report=None):
    trainer, train_loader, val_loader = build_trainer(run.config, run.checkpoint)
    if run.checkpoint.exists():
        load_checkpoint(run.checkpoint, trainer)
    run.log(trainer.history)
    while not finished(trainer, run.config):
        trainer.fit(train_loader, val_loader, report=report)
        run.log(trainer.history)
    save_arrays(run.weights, state_dict(trainer.model))
    return trainer.history

# %% space
#| export
def grid(space):
    for name, values in space.items():
        if not isinstance(values, list):
            raise ValueError(f"{name} needs a list of values, got {values!r}")
    return [dict(zip(space, values)) for values in itertools.product(*space.values())]


def draw_value(values, u):
    if isinstance(values, list):
        return values[int(u * len(values))]
    ((scale, (low, high)),) = values.items()
    if scale == "uniform":
        return low + u * (high - low)
    if scale == "log":
        return low * (high / low) ** u
    if scale == "integers":
        return low + int(u * (high - low + 1))
    raise ValueError(f"unknown scale {scale!r}, there are uniform, log, integers")


def random_trials(space, seed, count):
    trials = []
    for i in range(count):
        rng = stream(seed, f"trial {i}")
        trials.append({name: draw_value(values, rng.random()) for name, values in space.items()})
    return trials

# %% search
#| export
def search(trials, measure, path, budget=None, seconds=math.inf, clock=time.perf_counter):
    cut_torn_line(path)
    start, count = clock(), 0
    done = [row["trial"] for row in read_rows(path)]
    for trial in trials:
        if trial in done:
            continue
        if (budget is not None and count >= budget) or clock() - start >= seconds:
            break
        try:
            row = {"trial": trial, **measure(trial)}
        except FloatingPointError as error:
            row = {"trial": trial, "error": str(error)}
        append_row(path, row)
        done.append(trial)
        count += 1
    return read_rows(path)
