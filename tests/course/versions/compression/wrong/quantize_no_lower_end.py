# why: clips above alone; what is too small wraps around

# %% quantize.quantize
def quantize(x, scale, zero_point, axis=None, bits=8):
    qmin, qmax = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    scale, zero_point = along(scale, axis, x.ndim), along(zero_point, axis, x.ndim)
    return np.minimum(np.round(x / scale) + zero_point, qmax).astype(np.int64).astype(np.int8)
