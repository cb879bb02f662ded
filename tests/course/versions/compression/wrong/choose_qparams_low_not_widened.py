# why: the range need not include 0

# %% choose_qparams.choose_qparams
def choose_qparams(low, high, symmetric=False, bits=8):
    qmin, qmax = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    low, high = np.asarray(low), np.asarray(high)
    if symmetric:
        scale = np.maximum(np.maximum(-low, high) * 2 / (qmax - qmin), EPS)
        return scale, np.zeros(np.shape(low), np.int32)
    scale = np.maximum((high - low) / (qmax - qmin), EPS)
    return scale, np.asarray(qmin - np.round(low / scale), np.int32)
