# why: forgets the gradients after the step: old ones from before the epoch get into the first step

# %% train_epoch
#| export
def train_epoch(model, loss_fn, images, labels, lr, batch_size, rng):
    losses = []
    for batch in minibatches(len(images), batch_size, rng):
        loss = loss_fn(model(Tensor(images[batch])), labels[batch])
        losses.append(loss.item())
        model.backward(loss_fn.backward())
        sgd_step(model.parameters(), lr)
        model.zero_grad()
    return losses
