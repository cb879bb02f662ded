# why: the second half of the stubs, written otherwise

# %% stream
#| export
def fingerprint(config):
    text = json.JSONEncoder(sort_keys=True).encode(asdict(config))
    found = hashlib.sha256()
    found.update(bytes(text, "utf-8"))
    return found.digest().hex()[0:12]


def stream(seed, name):
    number = zlib.crc32(bytes(name, "utf-8"))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, number))))

# %% builders
#| export
def build_model(config):
    section = config.model
    make = MODELS[section.name]
    return make(section, rng=stream(config.seed, "model"))


def build_loaders(config):
    train_set, val_set = build_datasets(config.data)
    train_loader = DataLoader(
        train_set, shuffle=config.data.shuffle, batch_size=config.data.batch_size, seed=config.seed, num_workers=2
    )
    val_loader = DataLoader(val_set, 200, False)
    return train_loader, val_loader


def build_trainer(config, checkpoint=None):
    model = build_model(config)
    train_loader, val_loader = build_loaders(config)
    optimizer = OPTIMIZERS[config.optimizer.name](list(model.parameters()), config.optimizer)
    steps = sum(len(train_loader) for _ in range(config.train.epochs))
    stopping = None
    if config.train.patience:
        stopping = EarlyStopping(patience=config.train.patience)
    trainer = Trainer(
        model=model,
        loss_fn=CrossEntropyLoss(),
        optimizer=optimizer,
        scheduler=SCHEDULES[config.optimizer.schedule](optimizer, steps),
        early_stopping=stopping,
        checkpoint=checkpoint,
    )
    return trainer, train_loader, val_loader

# %% train
#| export
def finished(trainer, config):
    stopping = trainer.early_stopping
    return trainer.epoch >= config.train.epochs or (stopping is not None and stopping.waited >= stopping.patience)


@threadpool_limits.wrap(limits=1)
def train(run, report=None):
    trainer, *loaders = build_trainer(run.config, checkpoint=str(run.checkpoint))
    try:
        load_checkpoint(run.checkpoint, trainer)
    except FileNotFoundError:
        pass
    while True:
        run.log(trainer.history)
        if finished(trainer, run.config):
            break
        trainer.fit(*loaders, epochs=1, report=report)
    arrays = state_dict(trainer.model)
    save_arrays(str(run.weights), dict(reversed(arrays.items())))
    return trainer.history

# %% space
#| export
def grid(space):
    trials = [{}]
    for name, values in space.items():
        if type(values) is not list:
            raise ValueError(f"the values of {name} are no list")
        trials = [trial | {name: value} for trial in trials for value in values]
    return trials


def draw_value(values, u):
    if isinstance(values, list):
        return values[math.floor(len(values) * u)]
    (scale,) = values
    low, high = values[scale]
    if scale == "log":
        return math.exp(math.log(low) * (1 - u) + math.log(high) * u)
    if scale == "uniform":
        return (1 - u) * low + u * high
    if scale != "integers":
        raise ValueError(scale)
    return list(range(low, high + 1))[math.floor((high + 1 - low) * u)]


def random_trials(space, seed, count):
    def trial(i):
        numbers = stream(seed, "trial " + str(i)).random(len(space)).tolist()
        return {name: draw_value(space[name], u) for name, u in zip(space, numbers, strict=True)}

    return [trial(i) for i in range(count)]

# %% search
#| export
def search(trials, measure, path, budget=None, seconds=math.inf, clock=time.perf_counter):
    cut_torn_line(path)
    end = clock() + seconds
    left = len(trials) if budget is None else budget
    for trial in trials:
        if any(row["trial"] == trial for row in read_rows(path)):
            continue
        if left <= 0 or clock() >= end:
            break
        left -= 1
        row = {"trial": trial}
        try:
            row.update(measure(trial))
        except FloatingPointError as error:
            row["error"] = f"{error}"
        append_row(path, row)
    return read_rows(path)
