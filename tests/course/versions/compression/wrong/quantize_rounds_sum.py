# why: rounds halves up

# %% quantize.quantize
def quantize(x, scale, zero_point, axis=None, bits=8):
    qmin, qmax = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    scale, zero_point = along(scale, axis, x.ndim), along(zero_point, axis, x.ndim)
    return np.clip(np.floor(x / scale + 0.5) + zero_point, qmin, qmax).astype(np.int8)
