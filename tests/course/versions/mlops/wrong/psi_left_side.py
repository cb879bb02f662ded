# why: a value on an edge falls into the lower bin

# %% psi.shares
def shares(values, edges):
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1) + 0.5
    return counts / counts.sum()
