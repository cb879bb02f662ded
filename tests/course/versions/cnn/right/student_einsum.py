# why: einsum over all patches at once, pooling by max and argmax, sizes by counting

# %% output_size
#| export
def output_size(size, kernel_size, stride=1, padding=0):
    starts = range(-padding, size + padding - kernel_size + 1, stride)
    if not starts:
        raise ValueError(f"no place for a window of {kernel_size} in {size} pixels, padding {padding}")
    return len(starts)

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    seen = np.lib.stride_tricks.sliding_window_view(x, kernel_size, axis=(1, 2))
    return seen[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)

# %% conv2d
#| export
def _patches(x, weight, stride, padding):
    border = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), border, border)).transpose(0, 2, 3, 1)
    return windows(padded, weight.shape[2:], stride)


def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    out = np.einsum("nijabc,ocab->nijo", _patches(x, weight, stride, padding), weight, optimize=True) + bias
    return np.ascontiguousarray(out).transpose(0, 3, 1, 2)

# %% conv2d_cost
#| export
def conv2d_cost(batch, in_channels, out_channels, size, kernel_size, stride=1, padding=0, itemsize=4):
    x, weight = (batch, in_channels, *size), (out_channels, in_channels, kernel_size, kernel_size)
    out = (batch, out_channels, *[output_size(n, kernel_size, stride, padding) for n in size])
    count = lambda shape: int(np.prod(shape))
    return {
        "bytes": itemsize * sum(map(count, [x, weight, (out_channels,), out])),
        "flops": 2 * count(weight[1:]) * count(out),
        "parameters": count(weight) + out_channels,
    }

# %% spread
#| export
def spread(grad, size, kernel_size, stride=1, padding=0):
    result = np.zeros((len(grad), size[0] + kernel_size[0] - 1, size[1] + kernel_size[1] - 1, grad.shape[1]), grad.dtype)
    places, kept = [], []
    for axis in (0, 1):
        at = kernel_size[axis] - 1 - padding + stride * np.arange(grad.shape[2 + axis])
        inside = np.flatnonzero((at >= 0) & (at < result.shape[1 + axis]))
        places.append(at[inside])
        kept.append(inside)
    picked = grad[:, :, kept[0][:, None], kept[1]]
    result[:, places[0][:, None], places[1]] = np.moveaxis(picked, 1, -1)
    return np.moveaxis(result, -1, 1)

# %% conv2d_backward
#| export
def conv2d_backward(grad, out, x, weight, bias, stride=1, padding=0, input_grad=True):
    patches = _patches(x, weight, stride, padding)
    dweight = np.einsum("noij,nijabc->ocab", grad, patches, optimize=True)
    dx = None
    if input_grad:
        wide = spread(grad, x.shape[2:], weight.shape[2:], stride, padding)
        dx = conv2d(wide, np.flip(np.swapaxes(weight, 0, 1), (2, 3)), np.zeros_like(x, shape=x.shape[1]))
    return dx, dweight, np.einsum("noij->o", grad)

# %% max_pool2d
#| export
def max_pool2d(x, kernel_size, stride):
    return windows(x.transpose(0, 2, 3, 1), (kernel_size, kernel_size), stride).max(axis=(3, 4)).transpose(0, 3, 1, 2)


def max_pool2d_backward(grad, out, x, kernel_size, stride):
    seen = windows(x.transpose(0, 2, 3, 1), (kernel_size, kernel_size), stride).transpose(0, 5, 1, 2, 3, 4)
    winner = seen.reshape(*out.shape, -1).argmax(axis=-1)
    n, c, i, j = np.indices(out.shape, sparse=True)
    dx = np.zeros_like(x)
    np.add.at(dx, (n, c, i * stride + winner // kernel_size, j * stride + winner % kernel_size), grad)
    return (dx,)

# %% batch_norm
#| export
def batch_norm(x, weight, bias, mean, var, eps=1e-5, training=True):
    z = (np.moveaxis(x, 1, -1) - mean) / np.sqrt(var + eps)
    return np.moveaxis(z * weight + bias, -1, 1)


def batch_norm_backward(grad, out, x, weight, bias, mean, var, eps=1e-5, training=True):
    g, std = np.moveaxis(grad, 1, -1), np.sqrt(var + eps)
    z = (np.moveaxis(x, 1, -1) - mean) / std
    dweight, dbias = np.einsum("nijc,nijc->c", g, z), np.einsum("nijc->c", g)
    dz = g * weight
    if training:
        dz = dz - dz.mean(axis=(0, 1, 2)) - z * (dz * z).mean(axis=(0, 1, 2))
    return np.moveaxis(dz / std, -1, 1), dweight, dbias


def channel_statistics(x):
    """Mean and variance of each channel of x (N, C, H, W), over samples and pixels: two arrays (C,)."""
    return x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))

# %% Conv2d
#| export
class Conv2d(Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        self.options = dict(stride=stride, padding=padding)
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        fan_in = np.prod(shape[1:])
        def start(*shape):
            return Tensor((rng.uniform(-1, 1, shape) / np.sqrt(fan_in)).astype(np.float32), requires_grad=True)

        self.weight, self.bias = start(*shape), start(out_channels)

    def forward(self, x):
        self.options["input_grad"] = x.requires_grad
        inputs = x, self.weight, self.bias
        out = apply(conv2d, *inputs, **self.options)
        self.saved = [out.data, *(tensor.data for tensor in inputs)]
        return out

    def backward(self, grad):
        dx, *gradients = conv2d_backward(grad.data, *self.saved, **self.options)
        for parameter, gradient in zip(self.parameters(), gradients, strict=True):
            parameter.grad = Tensor(gradient) if parameter.grad is None else parameter.grad + Tensor(gradient)
        return dx if dx is None else Tensor(dx)

# %% MaxPool2d
#| export
class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None):
        self.options = {"stride": kernel_size if stride is None else stride, "kernel_size": kernel_size}

    def forward(self, x):
        out = apply(max_pool2d, x, **self.options)
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        return Tensor(*max_pool2d_backward(grad.data, *self.saved, **self.options))


class Flatten(Module):
    def forward(self, x):
        out = x.reshape(len(x), int(np.prod(x.shape[1:])))
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        return Tensor(np.reshape(grad.data, np.shape(self.saved[1])))

# %% BatchNorm2d
#| export
class BatchNorm2d(Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        one, zero = np.ones(num_features, np.float32), np.zeros(num_features, np.float32)
        self.running_mean, self.running_var = Tensor(zero.copy()), Tensor(one.copy())
        self.weight, self.bias = Tensor(one, requires_grad=True), Tensor(zero, requires_grad=True)

    def forward(self, x):
        if self.training:
            used = channel_statistics(x.data)
            noted = used[0], x.data.var(axis=(0, 2, 3), ddof=1)
            for running, new in zip((self.running_mean, self.running_var), noted, strict=True):
                running.data += self.momentum * (new - running.data)
        else:
            used = [running.data.copy() for running in (self.running_mean, self.running_var)]
        self.options = dict(zip(("mean", "var"), used, strict=True), eps=self.eps, training=self.training)
        inputs = x, self.weight, self.bias
        out = apply(batch_norm, *inputs, **self.options)
        self.saved = [out.data, *(tensor.data for tensor in inputs)]
        return out

    def backward(self, grad):
        dx, *gradients = batch_norm_backward(grad.data, *self.saved, **self.options)
        for parameter, gradient in zip((self.weight, self.bias), gradients, strict=True):
            accumulate(parameter, gradient)
        return Tensor(dx)

# %% receptive_field
#| export
def receptive_field(layers):
    field = 1
    for kernel_size, stride in reversed(layers):
        field = (field - 1) * stride + kernel_size
    return field

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    rng = rng or np.random.default_rng()
    blocks = [
        [Conv2d(before, after, 3, padding=1, rng=rng), MaxPool2d(2), BatchNorm2d(after), ReLU()]
        for before, after in zip(channels[:-1], channels[1:], strict=True)
    ]
    pixels = (size // 2 ** len(blocks)) ** 2
    return Sequential(*sum(blocks, []), Flatten(), Linear(channels[-1] * pixels, classes, rng))
