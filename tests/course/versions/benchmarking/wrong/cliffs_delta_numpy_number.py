# why: numpy's number instead of Python's

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    return np.sign(np.subtract.outer(np.asarray(a), np.asarray(b))).mean()
