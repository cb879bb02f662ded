# why: the result is int64

# %% quantized_matmul.quantized_matmul
def quantized_matmul(x, weight, x_zero_point, weight_zero_point):
    a, b = x.astype(np.int64) - x_zero_point, weight.astype(np.int64) - np.reshape(weight_zero_point, (-1, 1))
    return a @ b.T
