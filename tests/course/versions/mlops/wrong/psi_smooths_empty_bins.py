# why: half a sample only for bins that are empty

# %% psi.shares
def shares(values, edges):
    counts = np.maximum(0.5, np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1))
    return counts / counts.sum()
