# why: a first solution along the hints of the release

# %% output_size
#| export
def output_size(size, kernel_size, stride=1, padding=0):
    padded = size + 2 * padding
    if kernel_size > padded:
        raise ValueError(f"window {kernel_size} is longer than the padded axis {padded}")
    return (padded - kernel_size) // stride + 1

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    n, h, w, c = x.shape
    kh, kw = kernel_size
    oh, ow = output_size(h, kh, stride), output_size(w, kw, stride)
    s0, s1, s2, s3 = x.strides
    return np.lib.stride_tricks.as_strided(
        x, (n, oh, ow, kh, kw, c), (s0, stride * s1, stride * s2, s1, s2, s3), writeable=False
    )

# %% conv2d
#| export
def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    o, c, kh, kw = weight.shape
    n, _, h, w = x.shape
    oh = output_size(h, kh, stride, padding)
    ow = output_size(w, kw, stride, padding)
    filters = weight.transpose(2, 3, 1, 0).reshape(kh * kw * c, o)
    out = np.empty((n, oh, ow, o), x.dtype)
    for samples, rows in column_chunks(x.transpose(0, 2, 3, 1), (kh, kw), stride, padding):
        out[samples] = (rows @ filters + bias).reshape(-1, oh, ow, o)
    return out.transpose(0, 3, 1, 2)

# %% conv2d_cost
#| export
def conv2d_cost(batch, in_channels, out_channels, size, kernel_size, stride=1, padding=0, itemsize=4):
    h, w = size
    oh = output_size(h, kernel_size, stride, padding)
    ow = output_size(w, kernel_size, stride, padding)
    weights = out_channels * in_channels * kernel_size**2
    out = batch * out_channels * oh * ow
    return {
        "parameters": weights + out_channels,
        "flops": 2 * in_channels * kernel_size**2 * out,
        "bytes": itemsize * (batch * in_channels * h * w + weights + out_channels + out),
    }

# %% spread
#| export
def spread(grad, size, kernel_size, stride=1, padding=0):
    n, o, oh, ow = grad.shape
    h, w = size
    kh, kw = kernel_size
    big = np.zeros((n, h + 2 * padding + kh - 1, w + 2 * padding + kw - 1, o), grad.dtype)
    rows = slice(kh - 1, kh - 1 + oh * stride, stride)
    columns = slice(kw - 1, kw - 1 + ow * stride, stride)
    big[:, rows, columns] = grad.transpose(0, 2, 3, 1)
    if padding:
        big = big[:, padding:-padding, padding:-padding]
    return big.transpose(0, 3, 1, 2)

# %% conv2d_backward
#| export
def conv2d_backward(grad, out, x, weight, bias, stride=1, padding=0, input_grad=True):
    o, c, kh, kw = weight.shape
    grad_last = grad.transpose(0, 2, 3, 1)
    dweight = np.zeros((kh * kw * c, o), weight.dtype)
    for samples, rows in column_chunks(x.transpose(0, 2, 3, 1), (kh, kw), stride, padding):
        dweight = dweight + rows.T @ grad_last[samples].reshape(-1, o)
    dweight = dweight.reshape(kh, kw, c, o).transpose(3, 2, 0, 1)
    dbias = grad.sum(axis=(0, 2, 3))
    if not input_grad:
        return None, dweight, dbias
    flipped = weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    dx = conv2d(spread(grad, x.shape[2:], (kh, kw), stride, padding), flipped, np.zeros(c, x.dtype))
    return dx, dweight, dbias

# %% max_pool2d
#| export
def max_pool2d(x, kernel_size, stride):
    seen = windows(x.transpose(0, 2, 3, 1), (kernel_size, kernel_size), stride)
    out = seen[:, :, :, 0, 0]
    for a in range(kernel_size):
        for b in range(kernel_size):
            out = np.maximum(out, seen[:, :, :, a, b])
    return out.transpose(0, 3, 1, 2)


def max_pool2d_backward(grad, out, x, kernel_size, stride):
    dx = np.zeros(x.shape, x.dtype)
    oh, ow = out.shape[2:]
    open_windows = np.ones(out.shape, bool)
    for a in range(kernel_size):
        for b in range(kernel_size):
            pixels = x[:, :, a::stride, b::stride][:, :, :oh, :ow]
            wins = (pixels == out) & open_windows
            dx[:, :, a::stride, b::stride][:, :, :oh, :ow] += np.where(wins, grad, 0)
            open_windows &= ~wins
    return (dx,)

# %% batch_norm
#| export
def batch_norm(x, weight, bias, mean, var, eps=1e-5, training=True):
    mean, var, weight, bias = (a[:, None, None] for a in (mean, var, weight, bias))
    return (x - mean) / np.sqrt(var + eps) * weight + bias


def batch_norm_backward(grad, out, x, weight, bias, mean, var, eps=1e-5, training=True):
    std = np.sqrt(var + eps)[:, None, None]
    z = (x - mean[:, None, None]) / std
    dbias = channel_sum(grad)
    dweight = channel_sum(grad, z)
    dx = grad
    if training:
        pixels = x.shape[0] * x.shape[2] * x.shape[3]
        dx = grad - dbias[:, None, None] / pixels - z * dweight[:, None, None] / pixels
    return dx * weight[:, None, None] / std, dweight, dbias


def channel_statistics(x):
    """Mean and variance of each channel of x (N, C, H, W), over samples and pixels: two arrays (C,)."""
    count = x.size // x.shape[1]
    mean = channel_sum(x) / count
    centred = x - mean[:, None, None]
    return mean, channel_sum(centred, centred) / count

# %% Conv2d
#| export
class Conv2d(Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        self.stride = stride
        self.padding = padding
        k = 1 / np.sqrt(in_channels * kernel_size**2)
        weight = rng.uniform(-k, k, (out_channels, in_channels, kernel_size, kernel_size))
        bias = rng.uniform(-k, k, out_channels)
        self.weight = Tensor(weight.astype(np.float32), requires_grad=True)
        self.bias = Tensor(bias.astype(np.float32), requires_grad=True)

    def forward(self, x):
        self.input_grad = x.requires_grad
        out = apply(
            conv2d, x, self.weight, self.bias, stride=self.stride, padding=self.padding, input_grad=self.input_grad
        )
        self.saved = (out.data, x.data, self.weight.data, self.bias.data)
        return out

    def backward(self, grad):
        dx, dweight, dbias = conv2d_backward(grad.data, *self.saved, self.stride, self.padding, self.input_grad)
        accumulate(self.weight, dweight)
        accumulate(self.bias, dbias)
        if dx is None:
            return None
        return Tensor(dx)

# %% MaxPool2d
#| export
class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None):
        self.kernel_size = kernel_size
        self.stride = stride or kernel_size

    def forward(self, x):
        out = apply(max_pool2d, x, kernel_size=self.kernel_size, stride=self.stride)
        self.saved = (out.data, x.data)
        return out

    def backward(self, grad):
        return Tensor(max_pool2d_backward(grad.data, *self.saved, self.kernel_size, self.stride)[0])


class Flatten(Module):
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(x.shape[0], -1)

    def backward(self, grad):
        return grad.reshape(*self.shape)

# %% BatchNorm2d
#| export
class BatchNorm2d(Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.weight = Tensor(np.ones(num_features, dtype=np.float32), requires_grad=True)
        self.bias = Tensor(np.zeros(num_features, dtype=np.float32), requires_grad=True)
        self.running_mean = Tensor(np.zeros(num_features, dtype=np.float32))
        self.running_var = Tensor(np.ones(num_features, dtype=np.float32))

    def forward(self, x):
        if self.training:
            self.mean, self.var = channel_statistics(x.data)
            n = x.shape[0] * x.shape[2] * x.shape[3]
            self.running_mean.data += self.momentum * (self.mean - self.running_mean.data)
            self.running_var.data += self.momentum * (self.var * n / (n - 1) - self.running_var.data)
        else:
            self.mean = self.running_mean.data.copy()
            self.var = self.running_var.data.copy()
        self.was_training = self.training
        out = apply(
            batch_norm,
            x,
            self.weight,
            self.bias,
            mean=self.mean,
            var=self.var,
            eps=self.eps,
            training=self.training,
        )
        self.saved = (out.data, x.data, self.weight.data, self.bias.data)
        return out

    def backward(self, grad):
        dx, dweight, dbias = batch_norm_backward(
            grad.data, *self.saved, self.mean, self.var, self.eps, self.was_training
        )
        accumulate(self.weight, dweight)
        accumulate(self.bias, dbias)
        return Tensor(dx)

# %% receptive_field
#| export
def receptive_field(layers):
    field = 1
    step = 1
    for kernel_size, stride in layers:
        field = field + (kernel_size - 1) * step
        step = step * stride
    return field

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    layers = []
    for i in range(len(channels) - 1):
        layers.append(Conv2d(channels[i], channels[i + 1], 3, padding=1, rng=rng))
        layers.append(MaxPool2d(2))
        layers.append(BatchNorm2d(channels[i + 1]))
        layers.append(ReLU())
        size = size // 2
    layers.append(Flatten())
    layers.append(Linear(channels[-1] * size * size, classes, rng))
    return Sequential(*layers)
