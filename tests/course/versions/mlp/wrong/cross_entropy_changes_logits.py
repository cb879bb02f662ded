# why: backward subtracts the maximum from the logits themselves

# %% cross_entropy
#| export
def cross_entropy(logits, labels):
    return -log_softmax(logits)[np.arange(len(labels)), labels].mean()


def cross_entropy_backward(grad, out, logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    dlogits = np.exp(logits)
    dlogits /= dlogits.sum(axis=1, keepdims=True)
    dlogits[np.arange(len(labels)), labels] -= 1
    return dlogits * (grad / len(labels)), None
