# why: reports the last batch

# %% evaluate.evaluate
def evaluate(model, loss_fn, loader):
    mode, loss, right = model.training, Mean(), Mean()
    model.eval()
    with no_grad():
        for x, labels in loader:
            logits = model(x)
            loss.update(loss_fn(logits, labels).item(), len(labels))
            right.update(accuracy(logits, labels), len(labels))
    model.train(mode)
    return {"loss": loss_fn(logits, labels).item(), "accuracy": accuracy(logits, labels)}
