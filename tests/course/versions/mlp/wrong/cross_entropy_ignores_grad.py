# why: forgot to multiply with grad

# %% cross_entropy
#| export
def cross_entropy(logits, labels):
    return -log_softmax(logits)[np.arange(len(labels)), labels].mean()


def cross_entropy_backward(grad, out, logits, labels):
    dlogits = np.exp(log_softmax(logits))
    dlogits[np.arange(len(labels)), labels] -= 1
    return dlogits / len(labels), None
