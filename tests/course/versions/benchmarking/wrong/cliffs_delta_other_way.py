# why: the other way round

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    return float(np.sign(np.subtract.outer(np.asarray(b), np.asarray(a))).mean())
