# why: equal pairs count against the first

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    wins = np.greater.outer(np.asarray(a), np.asarray(b)).mean()
    return float(2 * wins - 1)
