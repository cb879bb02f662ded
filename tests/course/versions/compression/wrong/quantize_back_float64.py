# why: always float64

# %% quantize.dequantize
def dequantize(q, scale, zero_point, axis=None):
    scale, zero_point = along(scale, axis, q.ndim), along(zero_point, axis, q.ndim)
    return (q.astype(np.int32) - zero_point) * scale
