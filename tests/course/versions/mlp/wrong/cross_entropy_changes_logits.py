# why: backward subtracts the maximum from the logits themselves
# loses: check_cross_entropy

# %% cross_entropy
#| export
def cross_entropy(logits, labels):
    """Mean over the batch of -log(probability of the true class).

    logits: array (N, C)
    labels: int array (N,) of any int dtype, each from 0 to C - 1
    Returns a single number of the logits' dtype (a numpy scalar or 0-d array, not a Python float).

    cross_entropy(np.zeros((4, 10)), np.array([3, 1, 4, 1]))  is  log(10) = 2.302585      (about 2 lines)
    Hint: `table[np.arange(len(labels)), labels]` picks one number from each row.
    """
    return -log_softmax(logits)[np.arange(len(labels)), labels].mean()


def cross_entropy_backward(grad, out, logits, labels):
    """Gradient of the mean cross-entropy: (softmax(logits) - one_hot(labels)) / N, times grad.

    grad: a single number (0-d array), gradient with respect to the mean
    out, logits, labels: the mean, and the inputs of `cross_entropy`
    Returns a tuple (dlogits, None), dlogits of the logits' shape and dtype. Labels are no numbers that could be nudged:
    they have no gradient.

    cross_entropy_backward(1.0, 2.3, np.zeros((1, 2)), np.array([1]))[0]  is  [[0.5, -0.5]]      (about 3 lines)
    Hint: softmax is exp of log_softmax; then subtract 1 at the true class of each row.
    """
    logits -= logits.max(axis=1, keepdims=True)
    dlogits = np.exp(logits)
    dlogits /= dlogits.sum(axis=1, keepdims=True)
    dlogits[np.arange(len(labels)), labels] -= 1
    return dlogits * (grad / len(labels)), None
