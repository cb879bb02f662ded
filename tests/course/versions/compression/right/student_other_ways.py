# why: other formulas: partitions, products in int64 and float64, one einsum, norms by hand

# %% l1_mask.l1_mask
def l1_mask(weight, amount):
    if not 0 <= amount <= 1:
        raise ValueError(f"{amount} is no share")
    size = np.abs(weight).reshape(-1)
    rank = np.lexsort((np.arange(size.size), size))
    mask = np.empty(size.size, bool)
    mask[rank] = np.arange(size.size) >= round(amount * size.size)
    return mask.reshape(weight.shape)

# %% Pruner.__call__
def __call__(self, *report):
    for name, tensor in self.weights.items():
        tensor.data *= self.masks[name]

# %% pack_sparse.pack_sparse
def pack_sparse(array):
    flat = np.ascontiguousarray(array).reshape(-1)
    places = np.flatnonzero(flat)
    bits = np.zeros(flat.size, np.uint8)
    bits[places] = 1
    return {"values": flat[places], "bits": np.packbits(bits), "shape": np.asarray(array.shape, dtype="int64")}

# %% pack_sparse.unpack_sparse
def unpack_sparse(packed):
    shape, values = packed["shape"], packed["values"]
    flat = np.zeros(int(np.prod(shape)), dtype=values.dtype)
    np.place(flat, np.unpackbits(packed["bits"])[: flat.size], values)
    return flat.reshape(shape)

# %% choose_qparams.choose_qparams
def choose_qparams(low, high, symmetric=False, bits=8):
    low, high = np.clip(low, None, 0), np.clip(high, 0, None)
    if symmetric:
        high = np.maximum(high, -low)
        low = -high
    scale = np.maximum((high - low) / (2**bits - 1), EPS)
    zero_point = np.round(-(2 ** (bits - 1)) - low / scale) * (not symmetric)
    return scale, np.asarray(zero_point).astype("int32")

# %% quantized_matmul.quantized_matmul
def quantized_matmul(x, weight, x_zero_point, weight_zero_point):
    a = x.astype(np.float64) - x_zero_point
    b = weight.astype(np.float64) - np.asarray(weight_zero_point)[..., None]
    return (a @ b.T).astype(np.int32)

# %% QuantizedLinear.quantized_linear
def quantized_linear(x, weight, bias, x_scale, x_zero_point, weight_scale, weight_zero_point):
    seen = dequantize(quantize(x, x_scale, x_zero_point), np.float64(x_scale), x_zero_point)
    axis = 0 if np.ndim(weight_scale) else None
    wide = dequantize(weight, np.asarray(weight_scale, np.float64), weight_zero_point, axis)
    return (seen @ wide.T + bias).astype(x.dtype)

# %% QuantizedLinear.fill
def fill(self, weight, bias, low, high, per_channel):
    largest = np.abs(weight).reshape(len(weight), -1).max(axis=1)
    if not per_channel:
        largest = largest.max()
    scale, zero_point = choose_qparams(-largest, largest, symmetric=True)
    self.weight = Tensor(quantize(weight, scale, zero_point, 0 if per_channel else None))
    self.bias = Tensor(np.array(bias))
    self.weight_scale, self.weight_zero_point = Tensor(np.asarray(scale)), Tensor(np.asarray(zero_point))
    x_scale, x_zero_point = choose_qparams(np.array(low, np.float32), np.array(high, np.float32))
    self.x_scale, self.x_zero_point = Tensor(x_scale), Tensor(x_zero_point)

# %% quantized_conv2d.quantized_conv2d
def quantized_conv2d(x, weight, bias, x_scale, x_zero_point, weight_scale, weight_zero_point, stride=1, padding=0):
    wide = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])  # 0.0 becomes the zero point
    patches = np.lib.stride_tricks.sliding_window_view(wide, weight.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    n, channels, oh, ow = patches.shape[:4]
    rows = patches.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, -1)
    flat = weight.reshape(len(weight), -1)
    out = quantized_linear(rows, flat, bias, x_scale, x_zero_point, weight_scale, weight_zero_point)
    return out.reshape(n, oh, ow, -1).transpose(0, 3, 1, 2)

# %% fold_batch_norm.fold_batch_norm
def fold_batch_norm(weight, bias, norm):
    std = (norm.running_var.data + norm.eps) ** 0.5
    scale = norm.weight.data / std
    return np.einsum("oabc,o->oabc", weight, scale), bias * scale - norm.running_mean.data * scale + norm.bias.data

# %% distillation_loss.distillation_loss
def distillation_loss(logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    log_p, log_q = log_softmax(teacher_logits / temperature), log_softmax(logits / temperature)
    p = np.exp(log_p)
    divergence = np.mean(np.sum(p * log_p, axis=1) - np.sum(p * log_q, axis=1))
    return cross_entropy(logits, labels) * (1 - alpha) + divergence * (alpha * temperature**2)

# %% distillation_loss.distillation_loss_backward
def distillation_loss_backward(grad, out, logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    softmax = lambda x: np.exp(log_softmax(x))
    target = np.zeros_like(logits)
    target[np.arange(len(labels)), labels] = 1
    soft = alpha * temperature * (softmax(logits / temperature) - softmax(teacher_logits / temperature))
    return (soft + (1 - alpha) * (softmax(logits) - target)) * grad / len(labels), None, None

# %% pareto_front.pareto_front
def pareto_front(costs):
    no_more = (costs[None] <= costs[:, None]).all(axis=2)
    less = (costs[None] < costs[:, None]).any(axis=2)
    return ~(no_more & less).any(axis=1)
