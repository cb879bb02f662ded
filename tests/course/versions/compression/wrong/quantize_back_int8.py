# why: subtracts in int8, which wraps around

# %% quantize.dequantize
def dequantize(q, scale, zero_point, axis=None):
    scale, zero_point = along(scale, axis, q.ndim), along(zero_point, axis, q.ndim)
    return (q - zero_point.astype(np.int8)).astype(scale.dtype) * scale
