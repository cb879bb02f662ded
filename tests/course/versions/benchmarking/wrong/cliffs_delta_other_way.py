# why: the other way round
# loses: check_cliffs_delta check_compare check_compare_runs

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    return float(np.sign(np.subtract.outer(np.asarray(b), np.asarray(a))).mean())
