# why: takes the batches in order, without rng

# %% train_epoch
#| export
def train_epoch(model, loss_fn, images, labels, lr, batch_size, rng):
    losses = []
    for start in range(0, len(images), batch_size):
        batch = slice(start, start + batch_size)
        model.zero_grad()
        loss = loss_fn(model(Tensor(images[batch])), labels[batch])
        losses.append(loss.item())
        model.backward(loss_fn.backward())
        sgd_step(model.parameters(), lr)
    return losses
