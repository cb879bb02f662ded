# why: log after dividing: log(0) for improbable classes

# %% log_softmax
#| export
def log_softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.log(e / e.sum(axis=1, keepdims=True))
