# why: is done at once where the weights are there, without a history

# %% train
#| export
def finished(trainer, config):
    stopping = trainer.early_stopping
    return trainer.epoch >= config.train.epochs or (stopping is not None and stopping.waited >= stopping.patience)


@threadpool_limits.wrap(limits=1)
def train(run, report=None):
    if run.weights.exists():
        return {}
    trainer, train_loader, val_loader = build_trainer(run.config, run.checkpoint)
    if run.checkpoint.exists():
        load_checkpoint(run.checkpoint, trainer)
    run.log(trainer.history)
    while not finished(trainer, run.config):
        trainer.fit(train_loader, val_loader, report=report)
        run.log(trainer.history)
    save_arrays(run.weights, state_dict(trainer.model))
    return trainer.history
