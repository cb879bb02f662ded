# why: the relative entropy, one way only

# %% psi.psi
def psi(p, q):
    p, q = np.asarray(p), np.asarray(q)
    return float((q * np.log(q / p)).sum())
