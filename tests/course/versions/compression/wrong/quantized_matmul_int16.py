# why: sums in int16

# %% quantized_matmul.quantized_matmul
def quantized_matmul(x, weight, x_zero_point, weight_zero_point):
    a = x.astype(np.int16) - np.int16(x_zero_point)
    b = weight.astype(np.int16) - np.asarray(weight_zero_point, np.int16).reshape(-1, 1)
    return (a @ b.T).astype(np.int32)
