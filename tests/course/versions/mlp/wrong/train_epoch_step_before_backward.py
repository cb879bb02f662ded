# why: takes the step before backward

# %% train_epoch
#| export
def train_epoch(model, loss_fn, images, labels, lr, batch_size, rng):
    losses = []
    for batch in minibatches(len(images), batch_size, rng):
        model.zero_grad()
        loss = loss_fn(model(Tensor(images[batch])), labels[batch])
        losses.append(loss.item())
        sgd_step(model.parameters(), lr)
        model.backward(loss_fn.backward())
    return losses
