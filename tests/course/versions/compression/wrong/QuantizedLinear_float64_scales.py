# why: the scale of the inputs is float64

# %% QuantizedLinear.fill
def fill(self, weight, bias, low, high, per_channel):
    axis, rows = (0 if per_channel else None), weight.reshape(len(weight), -1)
    along_rows = 1 if per_channel else None
    scale, zero_point = choose_qparams(rows.min(axis=along_rows), rows.max(axis=along_rows), symmetric=True)
    self.weight, self.bias = Tensor(quantize(weight, scale, zero_point, axis)), Tensor(bias.copy())
    self.weight_scale, self.weight_zero_point = Tensor(scale), Tensor(zero_point)
    scale, zero_point = choose_qparams(float(low), float(high))
    self.x_scale, self.x_zero_point = Tensor(scale), Tensor(zero_point)
