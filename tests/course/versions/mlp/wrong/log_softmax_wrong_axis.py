# why: along the batch instead of along each row

# %% log_softmax
#| export
def log_softmax(x):
    x = x - x.max(axis=0)
    return x - np.log(np.exp(x).sum(axis=0))
