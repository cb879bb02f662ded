# why: forgets K za zw

# %% quantized_matmul.quantized_matmul
def quantized_matmul(x, weight, x_zero_point, weight_zero_point):
    of_rows, of_weights = x.sum(axis=1, keepdims=True, dtype=np.int32), weight.sum(axis=1, dtype=np.int32)
    return int8_matmul(x, weight) - weight_zero_point * of_rows - x_zero_point * of_weights
