# why: leaves the model in train mode, whatever it was

# %% evaluate.evaluate
def evaluate(model, loss_fn, loader):
    mode, loss, right = model.training, Mean(), Mean()
    model.eval()
    with no_grad():
        for x, labels in loader:
            logits = model(x)
            loss.update(loss_fn(logits, labels).item(), len(labels))
            right.update(accuracy(logits, labels), len(labels))
    model.train()
    return {"loss": loss.value, "accuracy": right.value}
