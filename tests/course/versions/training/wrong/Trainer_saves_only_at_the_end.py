# why: saves once, after the last epoch: a power cut takes all of them

# %% Trainer.fit
def fit(self, train_loader, val_loader=None, epochs=1, report=None):
    if self.resumed and self.loader_state:
        train_loader.load_state_dict(self.loader_state)
    self.resumed, stop = False, False
    for _ in range(epochs):
        row = self.train_epoch(train_loader, report)
        if val_loader:
            row |= {f"val_{name}": value for name, value in self.evaluate(val_loader).items()}
        self.history.add(**row)
        self.epoch += 1
        self.loader_state = state_of(train_loader)
        if self.early_stopping:
            stop = self.early_stopping.update(row.get("val_loss", row["loss"]))
        if stop:
            break
    if self.checkpoint:
        save_checkpoint(self.checkpoint, self)
    return self.history
