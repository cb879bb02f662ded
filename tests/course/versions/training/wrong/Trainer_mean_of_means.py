# why: the mean of the batches' means

# %% Trainer.train_epoch
def train_epoch(self, loader, report=None):
    self.model.train()
    loss, right = Mean(), Mean()
    for i, (x, labels) in enumerate(loader, 1):
        lr = self.optimizer.lr
        values = train_step(self.model, self.loss_fn, self.optimizer, x, labels)
        loss.update(values[0])
        right.update(values[1], len(labels))
        if self.scheduler:
            self.scheduler.step()
        if report:
            report(self.epoch + 1, i, len(loader), loss.value, right.value)
    return {"loss": loss.value, "accuracy": right.value, "lr": lr}
