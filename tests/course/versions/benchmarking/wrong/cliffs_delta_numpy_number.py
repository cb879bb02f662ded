# why: numpy's number instead of Python's
# loses: check_cliffs_delta check_compare check_compare_runs

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    return np.sign(np.subtract.outer(np.asarray(a), np.asarray(b))).mean()
