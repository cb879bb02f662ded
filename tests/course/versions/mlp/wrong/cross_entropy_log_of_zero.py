# why: log of exp of log_softmax: inf when the model is sure and wrong

# %% cross_entropy
#| export
def cross_entropy(logits, labels):
    probabilities = np.exp(log_softmax(logits))
    return -np.log(probabilities[np.arange(len(labels)), labels]).mean()


def cross_entropy_backward(grad, out, logits, labels):
    dlogits = np.exp(log_softmax(logits))
    dlogits[np.arange(len(labels)), labels] -= 1
    return dlogits * (grad / len(labels)), None
