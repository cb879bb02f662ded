# why: compares only entries of the same index
# loses: check_cliffs_delta check_compare check_compare_runs

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    n = min(len(a), len(b))
    return float(np.sign(np.asarray(a)[:n] - np.asarray(b)[:n]).mean())
