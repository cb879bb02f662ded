# why: the symmetric range forgets the negative side

# %% choose_qparams.choose_qparams
def choose_qparams(low, high, symmetric=False, bits=8):
    qmin, qmax = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    if symmetric:
        scale = np.maximum(high * 2 / (qmax - qmin), EPS)
        return scale, np.zeros(np.shape(low), np.int32)
    scale = np.maximum((high - low) / (qmax - qmin), EPS)
    return scale, np.asarray(qmin - np.round(low / scale), np.int32)
