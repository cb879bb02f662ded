# why: returns a Python float

# %% cross_entropy
#| export
def cross_entropy(logits, labels):
    return float(-log_softmax(logits)[np.arange(len(labels)), labels].mean())


def cross_entropy_backward(grad, out, logits, labels):
    dlogits = np.exp(log_softmax(logits))
    dlogits[np.arange(len(labels)), labels] -= 1
    return dlogits * (grad / len(labels)), None
