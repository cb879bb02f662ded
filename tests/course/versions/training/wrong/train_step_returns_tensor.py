# why: returns the loss as a Tensor

# %% train_step.train_step
def train_step(model, loss_fn, optimizer, x, labels):
    optimizer.zero_grad()
    logits = model(x)
    loss = loss_fn(logits, labels)
    if not math.isfinite(loss.item()):
        words = first_bad_layer(model, x)
        raise FloatingPointError(f"step {optimizer.steps + 1}: the loss is {loss.item()}; {words}")
    loss.backward()
    optimizer.step()
    return loss, accuracy(logits, labels)
