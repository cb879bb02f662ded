# why: returns the probabilities

# %% log_softmax
#| export
def log_softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
