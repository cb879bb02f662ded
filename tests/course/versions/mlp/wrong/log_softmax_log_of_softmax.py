# why: log after dividing: log(0) for improbable classes
# loses: check_log_softmax check_cross_entropy

# %% log_softmax
#| export
def log_softmax(x):
    """log(exp(x) / sum(exp(x))) along each row, without overflow.

    x: array (N, C), a row of logits for each sample
    Returns an array of the same shape and dtype; exp of it sums to 1 in each row.

    log_softmax(np.array([[1000.0, 1000.0]]))  is  [[-log(2), -log(2)]]      (about 2 lines)
    Hint: subtract each row's own maximum; keepdims=True keeps the shapes ready to broadcast.
    """
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.log(e / e.sum(axis=1, keepdims=True))
