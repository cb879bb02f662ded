# why: forgot to subtract 1 at the true class

# %% cross_entropy
#| export
def cross_entropy(logits, labels):
    return -log_softmax(logits)[np.arange(len(labels)), labels].mean()


def cross_entropy_backward(grad, out, logits, labels):
    dlogits = np.exp(log_softmax(logits))
    return dlogits * (grad / len(labels)), None
