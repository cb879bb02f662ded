# why: one fit for all epochs: rows come at the end

# %% train
#| export
def finished(trainer, config):
    stopping = trainer.early_stopping
    return trainer.epoch >= config.train.epochs or (stopping is not None and stopping.waited >= stopping.patience)


@threadpool_limits.wrap(limits=1)
def train(run, report=None):
    trainer, train_loader, val_loader = build_trainer(run.config, run.checkpoint)
    if run.checkpoint.exists():
        load_checkpoint(run.checkpoint, trainer)
    run.log(trainer.history)
    if not finished(trainer, run.config):
        trainer.fit(train_loader, val_loader, run.config.train.epochs - trainer.epoch, report)
        run.log(trainer.history)
    save_arrays(run.weights, state_dict(trainer.model))
    return trainer.history
