# why: sliding_window_view and tensordot, the way back by adding patches up, argmax, its own order of everything

# %% output_size
#| export
def output_size(size, kernel_size, stride=1, padding=0):
    count = len(range(0, size + 2 * padding - kernel_size + 1, stride))
    if not count:
        raise ValueError(f"kernel {kernel_size} is longer than {size + 2 * padding}")
    return count

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    seen = np.lib.stride_tricks.sliding_window_view(x, kernel_size, axis=(1, 2))
    return seen[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)

# %% conv2d
#| export
def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    x = np.pad(x.transpose(0, 2, 3, 1), ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    patches = windows(x, weight.shape[2:], stride)
    out = np.tensordot(patches, weight.transpose(2, 3, 1, 0), axes=3) + bias
    return np.moveaxis(np.ascontiguousarray(out), 3, 1)

# %% conv2d_cost
#| export
def conv2d_cost(batch, in_channels, out_channels, size, kernel_size, stride=1, padding=0, itemsize=4):
    pixels = 1
    for length in size:
        pixels *= output_size(length, kernel_size, stride, padding)
    one_filter = in_channels * kernel_size * kernel_size
    parameters = (one_filter + 1) * out_channels
    numbers = [batch * in_channels * size[0] * size[1], parameters, batch * out_channels * pixels]
    return dict(parameters=parameters, flops=numbers[2] * one_filter * 2, bytes=sum(numbers) * itemsize)

# %% spread
#| export
def spread(grad, size, kernel_size, stride=1, padding=0):
    n, o, oh, ow = grad.shape
    full = np.zeros((n, size[0] + kernel_size[0] - 1, size[1] + kernel_size[1] - 1, o), dtype=grad.dtype)
    rows = kernel_size[0] - 1 - padding + stride * np.arange(oh)
    columns = kernel_size[1] - 1 - padding + stride * np.arange(ow)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            if 0 <= row < full.shape[1] and 0 <= column < full.shape[2]:
                full[:, row, column] = grad[:, :, i, j]
    return full.transpose(0, 3, 1, 2)

# %% conv2d_backward
#| export
def conv2d_backward(grad, out, x, weight, bias, stride=1, padding=0, input_grad=True):
    kh, kw = weight.shape[2:]
    last = grad.transpose(0, 2, 3, 1)
    padded = np.pad(x.transpose(0, 2, 3, 1), ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    patches = windows(padded, (kh, kw), stride)
    dweight = np.tensordot(last, patches, axes=((0, 1, 2), (0, 1, 2))).transpose(0, 3, 1, 2)
    dbias = grad.sum(axis=(0, 2, 3))
    if not input_grad:
        return None, dweight, dbias
    dpadded = np.zeros_like(padded)
    oh, ow = grad.shape[2:]
    for a in range(kh):
        for b in range(kw):
            dpadded[:, a : a + oh * stride : stride, b : b + ow * stride : stride] += last @ weight[:, :, a, b]
    inside = dpadded[:, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return inside.transpose(0, 3, 1, 2), dweight, dbias

# %% max_pool2d
#| export
def max_pool2d(x, kernel_size, stride):
    return windows(x.transpose(0, 2, 3, 1), (kernel_size, kernel_size), stride).max(axis=(3, 4)).transpose(0, 3, 1, 2)


def max_pool2d_backward(grad, out, x, kernel_size, stride):
    n, c, oh, ow = grad.shape
    seen = windows(x.transpose(0, 2, 3, 1), (kernel_size, kernel_size), stride)
    best = seen.transpose(0, 5, 1, 2, 3, 4).reshape(n, c, oh, ow, -1).argmax(axis=-1)
    samples, channels, i, j = np.indices((n, c, oh, ow))
    dx = np.zeros(x.shape, x.dtype)
    np.add.at(dx, (samples, channels, i * stride + best // kernel_size, j * stride + best % kernel_size), grad)
    return (dx,)

# %% batch_norm
#| export
def batch_norm(x, weight, bias, mean, var, eps=1e-5, training=True):
    weight, bias, mean, var = (a.reshape(1, -1, 1, 1) for a in (weight, bias, mean, var))
    return (x - mean) / np.sqrt(var + eps) * weight + bias


def batch_norm_backward(grad, out, x, weight, bias, mean, var, eps=1e-5, training=True):
    z = (x - mean.reshape(1, -1, 1, 1)) / np.sqrt(var + eps).reshape(1, -1, 1, 1)
    axes = (0, 2, 3)
    factor = (weight / np.sqrt(var + eps)).reshape(1, -1, 1, 1)
    dx = grad * factor
    if training:
        dx = dx - factor * grad.mean(axis=axes, keepdims=True)
        dx = dx - factor * z * (grad * z).mean(axis=axes, keepdims=True)
    return dx, (grad * z).sum(axis=axes), grad.sum(axis=axes)


def channel_statistics(x):
    return x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))

# %% Conv2d
#| export
class Conv2d(Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        limit = 1 / (kernel_size * np.sqrt(in_channels))
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.weight = Tensor((rng.random(shape, dtype=np.float32) * 2 - 1) * np.float32(limit), requires_grad=True)
        self.bias = Tensor((rng.random(out_channels, dtype=np.float32) * 2 - 1) * np.float32(limit), requires_grad=True)
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        self.wanted = x.requires_grad
        out = apply(
            conv2d, x, self.weight, self.bias, stride=self.stride, padding=self.padding, input_grad=self.wanted
        )
        self.saved = (out.data, x.data, self.weight.data, self.bias.data)
        return out

    def backward(self, grad):
        result = conv2d_backward(grad.data, *self.saved, self.stride, self.padding, self.wanted)
        for parameter, gradient in zip((self.weight, self.bias), result[1:]):
            if parameter.grad is None:
                parameter.grad = Tensor(np.zeros_like(parameter.data))
            parameter.grad = Tensor(parameter.grad.data + gradient)
        if self.wanted:
            return Tensor(result[0])

# %% MaxPool2d
#| export
class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None):
        self.options = {"kernel_size": kernel_size, "stride": stride or kernel_size}

    def forward(self, x):
        out = apply(max_pool2d, x, **self.options)
        self.x, self.out = x.data, out.data
        return out

    def backward(self, grad):
        return Tensor(max_pool2d_backward(grad.data, self.out, self.x, **self.options)[0])


class Flatten(Module):
    def forward(self, x):
        self.shape = x.shape
        return x.reshape((x.shape[0], x.size // x.shape[0]))

    def backward(self, grad):
        return Tensor(np.reshape(grad.data, self.shape))

# %% BatchNorm2d
#| export
class BatchNorm2d(Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        zeros, ones = np.zeros(num_features, dtype=np.float32), np.ones(num_features, dtype=np.float32)
        self.weight = Tensor(ones.copy(), requires_grad=True)
        self.bias = Tensor(zeros.copy(), requires_grad=True)
        self.running_mean = Tensor(zeros)
        self.running_var = Tensor(ones)

    def forward(self, x):
        if not self.training:
            mean, var = np.array(self.running_mean.data), np.array(self.running_var.data)
        else:
            mean, var = channel_statistics(x.data)
            count = x.data[:, 0].size
            for running, new in ((self.running_mean, mean), (self.running_var, var * count / (count - 1))):
                running.data[...] = (1 - self.momentum) * running.data + self.momentum * new
        self.settings = dict(mean=mean, var=var, eps=self.eps, training=self.training)
        out = apply(batch_norm, x, self.weight, self.bias, **self.settings)
        self.saved = out.data, x.data, self.weight.data, self.bias.data
        return out

    def backward(self, grad):
        dx, dweight, dbias = batch_norm_backward(grad.data, *self.saved, **self.settings)
        self.weight.grad = Tensor(dweight) if self.weight.grad is None else self.weight.grad + Tensor(dweight)
        self.bias.grad = Tensor(dbias) if self.bias.grad is None else self.bias.grad + Tensor(dbias)
        return Tensor(dx)

# %% receptive_field
#| export
def receptive_field(layers):
    field = 1
    for kernel_size, stride in layers[::-1]:
        field = (field - 1) * stride + kernel_size
    return field

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    if rng is None:
        rng = np.random.default_rng()
    model = []
    for i in range(1, len(channels)):
        model.append(Conv2d(channels[i - 1], channels[i], kernel_size=3, stride=1, padding=1, rng=rng))
        model.append(MaxPool2d(2, 2))
        model.append(BatchNorm2d(channels[i]))
        model.append(ReLU())
    side = size >> (len(channels) - 1)
    model += [Flatten(), Linear(channels[-1] * side * side, classes, rng=rng)]
    return Sequential(*model)
