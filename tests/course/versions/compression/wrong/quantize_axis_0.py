# why: scales always along the first axis

# %% quantize.quantize
def quantize(x, scale, zero_point, axis=None, bits=8):
    qmin, qmax = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    scale, zero_point = along(scale, 0, x.ndim), along(zero_point, 0, x.ndim)
    return np.clip(np.round(x / scale) + zero_point, qmin, qmax).astype(np.int8)
