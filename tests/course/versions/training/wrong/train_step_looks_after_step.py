# why: looks at the loss when all is spoiled

# %% train_step.train_step
def train_step(model, loss_fn, optimizer, x, labels):
    optimizer.zero_grad()
    logits = model(x)
    loss = loss_fn(logits, labels)
    loss.backward()
    optimizer.step()
    if not math.isfinite(loss.item()):
        words = first_bad_layer(model, x)
        raise FloatingPointError(f"step {optimizer.steps}: the loss is {loss.item()}; {words}")
    return loss.item(), accuracy(logits, labels)
