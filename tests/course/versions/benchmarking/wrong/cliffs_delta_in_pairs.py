# why: compares only entries of the same index

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    n = min(len(a), len(b))
    return float(np.sign(np.asarray(a)[:n] - np.asarray(b)[:n]).mean())
