# why: draws batches with replacement

# %% train_epoch
#| export
def train_epoch(model, loss_fn, images, labels, lr, batch_size, rng):
    losses = []
    for start in range(0, len(images), batch_size):
        batch = rng.integers(0, len(images), min(batch_size, len(images) - start))
        model.zero_grad()
        loss = loss_fn(model(Tensor(images[batch])), labels[batch])
        losses.append(loss.item())
        model.backward(loss_fn.backward())
        sgd_step(model.parameters(), lr)
    return losses
