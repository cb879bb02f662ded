# why: batch size written into the loop

# %% train_epoch
#| export
def train_epoch(model, loss_fn, images, labels, lr, batch_size, rng):
    losses = []
    for batch in minibatches(len(images), 32, rng):
        model.zero_grad()
        loss = loss_fn(model(Tensor(images[batch])), labels[batch])
        losses.append(loss.item())
        model.backward(loss_fn.backward())
        sgd_step(model.parameters(), lr)
    return losses
