# why: one moved image for each weight of a filter, on the way there and back; running means written out

# %% output_size
#| export
def output_size(size, kernel_size, stride=1, padding=0):
    count = (size + 2 * padding - kernel_size + stride) // stride
    if size + 2 * padding < kernel_size:
        raise ValueError("the window does not fit")
    return count

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    steps = x.strides
    sizes = [output_size(x.shape[1 + axis], kernel_size[axis], stride) for axis in range(2)]
    shape = x.shape[:1] + tuple(sizes) + tuple(kernel_size) + x.shape[3:]
    moved = steps[:1] + tuple(stride * step for step in steps[1:3]) + steps[1:]
    return np.lib.stride_tricks.as_strided(x, shape, moved, writeable=False)

# %% conv2d
#| export
def places(kernel_size, result, stride):
    """For each place in a filter: its row, its column, and the slices of the pixels under it."""
    for a in range(kernel_size[0]):
        for b in range(kernel_size[1]):
            rows = slice(a, a + stride * (result[0] - 1) + 1, stride)
            columns = slice(b, b + stride * (result[1] - 1) + 1, stride)
            yield a, b, (slice(None), rows, columns)


def pad(x, padding):
    n, c, h, w = x.shape
    padded = np.zeros((n, h + 2 * padding, w + 2 * padding, c), x.dtype)
    padded[:, padding : padding + h, padding : padding + w] = x.transpose(0, 2, 3, 1)
    return padded


def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    if x.shape[1] != weight.shape[1]:
        raise ValueError(f"filters for {weight.shape[1]} channels, images with {x.shape[1]}")
    size = [output_size(x.shape[2 + i], weight.shape[2 + i], stride, padding) for i in range(2)]
    padded, out = pad(x, padding), np.empty((len(x), *size, len(weight)), x.dtype)
    out[...] = bias
    for a, b, here in places(weight.shape[2:], size, stride):
        out += padded[here] @ weight[:, :, a, b].T
    return out.transpose(0, 3, 1, 2)

# %% conv2d_cost
#| export
def conv2d_cost(batch, in_channels, out_channels, size, kernel_size, stride=1, padding=0, itemsize=4):
    pixels_in, pixels_out = size[0] * size[1], 1
    for length in size:
        pixels_out *= output_size(length, kernel_size, stride, padding)
    patch = in_channels * kernel_size * kernel_size
    numbers = batch * (in_channels * pixels_in + out_channels * pixels_out) + out_channels * (patch + 1)
    flops = batch * pixels_out * out_channels * patch * 2
    return dict(parameters=out_channels * (patch + 1), flops=flops, bytes=numbers * itemsize)

# %% spread
#| export
def spread(grad, size, kernel_size, stride=1, padding=0):
    high, wide = size[0] + kernel_size[0] - 1, size[1] + kernel_size[1] - 1
    result = np.zeros((grad.shape[0], high, wide, grad.shape[1]), grad.dtype)
    for i in range(grad.shape[2]):
        for j in range(grad.shape[3]):
            row = kernel_size[0] - 1 - padding + i * stride
            column = kernel_size[1] - 1 - padding + j * stride
            if 0 <= row < high and 0 <= column < wide:
                result[:, row, column] = grad[:, :, i, j]
    return result.transpose(0, 3, 1, 2)

# %% conv2d_backward
#| export
def conv2d_backward(grad, out, x, weight, bias, stride=1, padding=0, input_grad=True):
    padded, last = pad(x, padding), grad.transpose(0, 2, 3, 1)
    dpadded, dweight = np.zeros_like(padded), np.zeros_like(weight)
    for a, b, here in places(weight.shape[2:], grad.shape[2:], stride):
        dweight[:, :, a, b] = np.tensordot(last, padded[here], ([0, 1, 2], [0, 1, 2]))
        if input_grad:
            dpadded[here] += last @ weight[:, :, a, b]
    h, w = x.shape[2:]
    dx = dpadded[:, padding : padding + h, padding : padding + w].transpose(0, 3, 1, 2)
    return (dx if input_grad else None), dweight, last.sum((0, 1, 2))

# %% max_pool2d
#| export
def max_pool2d(x, kernel_size, stride):
    oh, ow = (output_size(length, kernel_size, stride) for length in x.shape[2:])
    pixels = [
        x[:, :, a : a + stride * (oh - 1) + 1 : stride, b : b + stride * (ow - 1) + 1 : stride]
        for a in range(kernel_size)
        for b in range(kernel_size)
    ]
    return np.maximum.reduce(pixels)


def max_pool2d_backward(grad, out, x, kernel_size, stride):
    dx = np.zeros_like(x)
    best = np.full(out.shape, -np.inf, x.dtype)
    winner = np.zeros(out.shape, int)
    spots = [
        np.s_[..., a : a + stride * (out.shape[2] - 1) + 1 : stride, b : b + stride * (out.shape[3] - 1) + 1 : stride]
        for a, b in np.ndindex(kernel_size, kernel_size)
    ]
    for number, spot in enumerate(spots):
        better = x[spot] > best
        best[better], winner[better] = x[spot][better], number
    for number, spot in enumerate(spots):
        dx[spot] += grad * (winner == number)
    return (dx,)

# %% batch_norm
#| export
def batch_norm(x, weight, bias, mean, var, eps=1e-5, training=True):
    column = lambda a: a.reshape(1, -1, 1, 1)
    return column(bias) + column(weight) * (x - column(mean)) * column((var + eps) ** -0.5)


def batch_norm_backward(grad, out, x, weight, bias, mean, var, eps=1e-5, training=True):
    column, axes = (lambda a: a.reshape(1, -1, 1, 1)), (0, 2, 3)
    z = (x - column(mean)) / column(np.sqrt(var + eps))
    dweight, dbias = (grad * z).sum(axes), grad.sum(axes)
    factor = column(weight / np.sqrt(var + eps))
    if not training:
        return factor * grad, dweight, dbias
    n = x.size // x.shape[1]
    return factor / n * (n * grad - column(dbias) - z * column(dweight)), dweight, dbias


def channel_statistics(x):
    """Mean and variance of each channel of x (N, C, H, W), over samples and pixels: two arrays (C,)."""
    mean = x.mean((0, 2, 3))
    return mean, np.mean((x - mean.reshape(-1, 1, 1)) ** 2, axis=(0, 2, 3))

# %% Conv2d
#| export
class Conv2d(Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        bound = np.float32(in_channels**-0.5 / kernel_size)
        shape = out_channels, in_channels, kernel_size, kernel_size
        self.weight = Tensor(bound * (2 * rng.random(shape, np.float32) - 1), requires_grad=True)
        self.bias = Tensor(bound * (2 * rng.random(out_channels, np.float32) - 1), requires_grad=True)
        self.stride, self.padding = stride, padding

    def forward(self, x):
        self.x, self.wanted = x.data, x.requires_grad
        return apply(
            conv2d, x, self.weight, self.bias, input_grad=self.wanted, padding=self.padding, stride=self.stride
        )

    def backward(self, grad):
        inputs = self.x, self.weight.data, self.bias.data
        dx, dweight, dbias = conv2d_backward(grad.data, None, *inputs, self.stride, self.padding, self.wanted)
        accumulate(self.weight, dweight)
        accumulate(self.bias, dbias)
        if self.wanted:
            return Tensor(dx)

# %% MaxPool2d
#| export
class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None):
        if stride is None:
            stride = kernel_size
        self.sizes = kernel_size, stride

    def forward(self, x):
        kernel_size, stride = self.sizes
        out = apply(max_pool2d, x, kernel_size=kernel_size, stride=stride)
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        (dx,) = max_pool2d_backward(grad.data, *self.saved, *self.sizes)
        return Tensor(dx)


class Flatten(Module):
    def forward(self, x):
        self.x = x.data
        return x.reshape((len(x), x.size // len(x)))

    def backward(self, grad):
        return Tensor(grad.data.reshape(self.x.shape).copy())

# %% BatchNorm2d
#| export
class BatchNorm2d(Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        for name, start in [("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)]:
            array = np.full(num_features, start, np.float32)
            setattr(self, name, Tensor(array, requires_grad=not name.startswith("running")))

    def forward(self, x):
        m, mean, var = self.momentum, self.running_mean.data.copy(), self.running_var.data.copy()
        if self.training:
            n = x.size / x.shape[1]
            old, (mean, var) = (mean, var), channel_statistics(x.data)
            self.running_mean.data[:] = (1 - m) * old[0] + m * mean
            self.running_var.data[:] = (1 - m) * old[1] + m * var * n / (n - 1)
        self.options = {"training": self.training, "eps": self.eps, "var": var, "mean": mean}
        self.x = x.data
        return apply(batch_norm, x, self.weight, self.bias, **self.options)

    def backward(self, grad):
        inputs = self.x, self.weight.data, self.bias.data
        gradients = batch_norm_backward(grad.data, None, *inputs, **self.options)
        accumulate(self.weight, gradients[1])
        accumulate(self.bias, gradients[2])
        return Tensor(gradients[0])

# %% receptive_field
#| export
def receptive_field(layers):
    strides = [stride for _, stride in layers]
    return 1 + sum((k - 1) * int(np.prod(strides[:i])) for i, (k, _) in enumerate(layers))

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    layers, before = [], channels[0]
    for after in channels[1:]:
        layers.extend((Conv2d(before, after, 3, 1, 1, rng), MaxPool2d(2, 2), BatchNorm2d(after), ReLU()))
        before, size = after, size // 2
    layers.extend((Flatten(), Linear(before * size * size, classes, rng)))
    return Sequential(*layers)
