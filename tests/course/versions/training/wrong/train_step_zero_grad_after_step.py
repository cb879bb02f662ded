# why: forgets the gradients after the step: those from before the call have a part in it

# %% train_step.train_step
def train_step(model, loss_fn, optimizer, x, labels):
    logits = model(x)
    loss = loss_fn(logits, labels)
    if not math.isfinite(loss.item()):
        words = first_bad_layer(model, x)
        raise FloatingPointError(f"step {optimizer.steps + 1}: the loss is {loss.item()}; {words}")
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item(), accuracy(logits, labels)
