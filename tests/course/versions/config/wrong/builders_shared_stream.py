# why: model and all else from the plain seed

# %% builders
#| export
def build_model(config):
    return MODELS[config.model.name](config.model, np.random.default_rng(config.seed))


def build_loaders(config):
    data = config.data
    train_set, val_set = build_datasets(data)
    train_loader = DataLoader(train_set, data.batch_size, shuffle=data.shuffle, seed=config.seed)
    return train_loader, DataLoader(val_set, batch_size=200)


def build_trainer(config, checkpoint=None):
    train_loader, val_loader = build_loaders(config)
    model, section = build_model(config), config.optimizer
    optimizer = OPTIMIZERS[section.name](model.parameters(), section)
    schedule = SCHEDULES[section.schedule](optimizer, config.train.epochs * len(train_loader))
    patience = config.train.patience
    stopping = None if patience is None else EarlyStopping(patience)
    trainer = Trainer(model, CrossEntropyLoss(), optimizer, schedule, stopping, checkpoint)
    return trainer, train_loader, val_loader
