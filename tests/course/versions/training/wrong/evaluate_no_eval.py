# why: stays in train mode

# %% evaluate.evaluate
def evaluate(model, loss_fn, loader):
    mode, loss, right = model.training, Mean(), Mean()
    with no_grad():
        for x, labels in loader:
            logits = model(x)
            loss.update(loss_fn(logits, labels).item(), len(labels))
            right.update(accuracy(logits, labels), len(labels))
    model.train(mode)
    return {"loss": loss.value, "accuracy": right.value}
