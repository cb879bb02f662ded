# why: sums of rows wrap around in int8

# %% quantized_matmul.quantized_matmul
def quantized_matmul(x, weight, x_zero_point, weight_zero_point):
    of_rows = x.sum(axis=1, keepdims=True, dtype=np.int8).astype(np.int32)
    of_weights = weight.sum(axis=1, dtype=np.int32) - x.shape[1] * weight_zero_point
    return int8_matmul(x, weight) - weight_zero_point * of_rows - x_zero_point * of_weights
