# why: the zero points of the weights are taken for 0

# %% QuantizedLinear.quantized_linear
def quantized_linear(x, weight, bias, x_scale, x_zero_point, weight_scale, weight_zero_point):
    q = quantize(x, x_scale, x_zero_point)
    total = quantized_matmul(q, weight, x_zero_point, 0)
    return (total * (x_scale * weight_scale) + bias).astype(x.dtype)
