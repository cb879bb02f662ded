# why: adds the zero point before rounding, so that halves go to the other neighbour if it is odd

# %% quantize.quantize
def quantize(x, scale, zero_point, axis=None, bits=8):
    qmin, qmax = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    scale, zero_point = along(scale, axis, x.ndim), along(zero_point, axis, x.ndim)
    return np.clip(np.round(x / scale + zero_point), qmin, qmax).astype(np.int8)
