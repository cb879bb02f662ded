# why: validation overwrites the training's numbers

# %% Trainer.fit
def fit(self, train_loader, val_loader=None, epochs=1, report=None):
    if self.resumed and self.loader_state:
        train_loader.load_state_dict(self.loader_state)
    self.resumed, stop = False, False
    for _ in range(epochs):
        row = self.train_epoch(train_loader, report)
        if val_loader:
            row |= self.evaluate(val_loader)
        self.history.add(**row)
        self.epoch += 1
        self.loader_state = state_of(train_loader)
        if self.early_stopping:
            stop = self.early_stopping.update(row.get("val_loss", row["loss"]))
        if self.checkpoint:
            save_checkpoint(self.checkpoint, self)
        if stop:
            break
    return self.history
