# why: takes the batches in order, without rng
# loses: check_train_epoch

# %% train_epoch
#| export
def train_epoch(model, loss_fn, images, labels, lr, batch_size, rng):
    """Train `model` once through all samples, in place.

    model: Module; loss_fn: CrossEntropyLoss or alike, `loss_fn(logits, labels)` and `loss_fn.backward()`
    images: array (n, features); labels: int array (n,)
    lr: learning rate; batch_size: int
    rng: numpy Generator, used once, for `minibatches(n, batch_size, rng)`
    Returns the loss of every batch, before its step, as a list of floats.

    len(train_epoch(model, loss_fn, images, labels, 0.1, 32, rng)) == 313  for 10,000 images      (about 8 lines)
    Hint: for each batch forget the old gradients, go forward, remember the loss, go backward, take a step. `.item()` of
    a 0-d Tensor is a float; `images[batch]` picks the samples of a batch.
    """
    losses = []
    for start in range(0, len(images), batch_size):
        batch = slice(start, start + batch_size)
        model.zero_grad()
        loss = loss_fn(model(Tensor(images[batch])), labels[batch])
        losses.append(loss.item())
        model.backward(loss_fn.backward())
        sgd_step(model.parameters(), lr)
    return losses
