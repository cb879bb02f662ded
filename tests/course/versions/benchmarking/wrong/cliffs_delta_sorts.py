# why: sorts the arrays that it was given

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    a, b = np.asarray(a), np.asarray(b)
    b.sort()
    below, upto = np.searchsorted(b, a, "left").sum(), np.searchsorted(b, a, "right").sum()
    return float(below + upto - len(a) * len(b)) / (len(a) * len(b))
