# why: in float32, which rounds large sums

# %% quantized_matmul.quantized_matmul
def quantized_matmul(x, weight, x_zero_point, weight_zero_point):
    a = x.astype(np.float32) - np.float32(x_zero_point)
    b = weight.astype(np.float32) - np.asarray(weight_zero_point, np.float32).reshape(-1, 1)
    return (a @ b.T).astype(np.int32)
