# why: half done

# %% conv2d_backward
#| export
def conv2d_backward(grad, out, x, weight, bias, stride=1, padding=0, input_grad=True):
    """Gradients of a convolution's inputs.

    grad: array (N, O, OH, OW), gradient of the loss with respect to `out`, the result; any memory layout
    x, weight, bias, stride, padding: as for conv2d
    input_grad: False if nobody needs the gradient of x
    Returns a tuple (dx, dweight, dbias), of the shapes and dtypes of x, weight and bias; without input_grad dx is None.

    conv2d_backward(grad, out, x, weight, bias)[1].shape == weight.shape      (about 9 lines)
    Hint: dweight: add up `rows.T @ grad_rows` over the chunks, then undo what conv2d did to weight. dx: conv2d of
    spread(...), without bias, with weight[o, c, a, b] at [c, o, KH - 1 - a, KW - 1 - b]; [::-1] turns an axis around.
    """
    raise NotImplementedError()

# %% max_pool2d
#| export
def max_pool2d(x, kernel_size, stride):
    """The largest number of each window, in each channel.

    x: array (N, C, H, W), in any memory layout; kernel_size, stride: ints, for both axes
    Returns a new array (N, C, OH, OW) of x's dtype. Rows and columns that do not fill a window are left out.
    Raises the ValueError of output_size.

    max_pool2d(np.ones((8, 3, 32, 32)), 2, 2).shape == (8, 3, 16, 16)      (about 5 lines)
    Hint: windows of the transposed x; np.maximum of two arrays, `kernel_size**2` times, beats `.max(axis=...)`.
    """
    raise NotImplementedError()


def max_pool2d_backward(grad, out, x, kernel_size, stride):
    """Gradient of max pooling: each number of grad goes to the first pixel of its window that equals the maximum.

    grad, out: arrays (N, C, OH, OW); out is max_pool2d(x, kernel_size, stride)
    Returns a tuple with one array, (dx,), of x's shape and dtype.

    max_pool2d_backward(np.full((1, 1, 1, 1), 5.0), np.ones((1, 1, 1, 1)), np.ones((1, 1, 2, 2)), 2, 2)[0]
    is  [[[[5, 0], [0, 0]]]]      (about 7 lines)
    Hint: for each of the kernel_size**2 places (a, b) in a window, x[:, :, a::stride, b::stride][:, :, :OH, :OW] are
    the pixels there. Remember in a boolean array which windows have not yet found their pixel.
    """
    raise NotImplementedError()

# %% batch_norm
#| export
def batch_norm(x, weight, bias, mean, var, eps=1e-5, training=True):
    """(x - mean) / sqrt(var + eps) * weight + bias, with one number of each for every channel.

    x: array (N, C, H, W); weight, bias, mean, var: arrays (C,)
    eps: keeps the divisor away from 0
    training: whether mean and var are those of x itself; this plays no role here, but in batch_norm_backward
    Returns a new array (N, C, H, W).

    batch_norm(x, weight, bias, mean, var).shape == x.shape      (about 2 lines)
    Hint: array[:, None, None] of (C,) has the shape (C, 1, 1). One factor and one summand for each channel, computed
    before they meet x, make it twice as fast.
    """
    raise NotImplementedError()


def batch_norm_backward(grad, out, x, weight, bias, mean, var, eps=1e-5, training=True):
    """Gradients of batch_norm's inputs.

    grad, out: arrays (N, C, H, W); all else as for batch_norm
    Returns a tuple (dx, dweight, dbias). With z = (x - mean) / std, std = sqrt(var + eps), and sums and means taken for
    each channel over samples and pixels:
        dbias = sum(grad)
        dweight = sum(grad * z)
        dx = grad * weight / std                                           not training: mean and var are constants
        dx = (grad - mean(grad) - z * mean(grad * z)) * weight / std       training: they are those of x

    batch_norm_backward(grad, out, x, weight, bias, mean, var)[1].shape == weight.shape      (about 6 lines)
    Hint: channel_sum(a, b). The two means are dbias and dweight, divided by the number of pixels in a channel.
    """
    raise NotImplementedError()


def channel_statistics(x):
    """Mean and variance of each channel of x (N, C, H, W), over samples and pixels: two arrays (C,)."""
    count = x.size // x.shape[1]
    mean = channel_sum(x) / count
    centred = x - mean[:, None, None]  # mean(x**2) - mean**2 would be cheaper, and loses its digits where mean is large
    return mean, channel_sum(centred, centred) / count

# %% Conv2d
#| export
class Conv2d(Module):
    """A convolution with its parameters.

    in_channels, out_channels, kernel_size, stride, padding: ints
    rng: numpy Generator from which the start values are drawn; None for a fresh one
    weight: float32 Tensor (out_channels, in_channels, kernel_size, kernel_size) with requires_grad=True
    bias: float32 Tensor (out_channels,) with requires_grad=True
    Both start uniform between plus and minus 1 / sqrt(in_channels * kernel_size**2). Weight is drawn and set first.

    Conv2d(3, 16, 3, padding=1)(Tensor(np.ones((8, 3, 32, 32)))).shape == (8, 16, 32, 32)      (about 4, 4 and 4 lines)
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        raise NotImplementedError()

    def forward(self, x):
        """x: Tensor (N, in_channels, H, W). Returns a Tensor (N, out_channels, OH, OW).

        Carried out by `apply`, with the options stride, padding and input_grad, which is x.requires_grad.
        """
        raise NotImplementedError()

    def backward(self, grad):
        """grad: Tensor (N, out_channels, OH, OW). Adds to weight.grad and bias.grad.

        Returns dx, a Tensor; or None if forward's x did not require a gradient.
        """
        raise NotImplementedError()

# %% MaxPool2d
#| export
class MaxPool2d(Module):
    """The largest number of each window.

    kernel_size: int; stride: int, or None for windows side by side, without overlap or gap

    MaxPool2d(2)(Tensor(np.ones((8, 3, 32, 32)))).shape == (8, 3, 16, 16)      (about 1, 3 and 2 lines)
    """

    def __init__(self, kernel_size, stride=None):
        raise NotImplementedError()

    def forward(self, x):
        """x: Tensor (N, C, H, W). Carried out by `apply`, with options by name. Returns a Tensor (N, C, OH, OW)."""
        raise NotImplementedError()

    def backward(self, grad):
        """grad: Tensor (N, C, OH, OW). Returns dx, a Tensor."""
        raise NotImplementedError()


class Flatten(Module):
    """All numbers of a sample in one row: what a linear layer takes.

    Flatten()(Tensor(np.ones((8, 3, 32, 32)))).shape == (8, 3072)      (about 3 and 1 lines)
    """

    def forward(self, x):
        """x: Tensor (N, …), at least one axis after N. Returns a Tensor (N, …), in the order of C, H, W.

        Hint: `x.reshape` of a Tensor goes through `apply` by itself.
        """
        raise NotImplementedError()

    def backward(self, grad):
        """grad: Tensor of forward's result's shape. Returns dx, a Tensor of forward's x's shape."""
        raise NotImplementedError()

# %% BatchNorm2d
#| export
class BatchNorm2d(Module):
    """Every channel with mean 0 and variance 1, then scaled and moved as learned.

    num_features: int, the number of channels; eps: as in batch_norm
    momentum: how far the running statistics move towards those of each batch
    weight, bias: float32 Tensors (num_features,) that require gradients, and start as ones and as zeros
    running_mean, running_var: float32 Tensors (num_features,) that do not; they start as zeros and as ones

    BatchNorm2d(16)(Tensor(np.ones((8, 16, 4, 4)))).shape == (8, 16, 4, 4)      (about 4, 10 and 4 lines)
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        raise NotImplementedError()

    def forward(self, x):
        """x: Tensor (N, num_features, H, W). Returns a Tensor of the same shape, made by `apply` with options by name.

        If self.training: uses mean and variance of the batch, and moves the running ones towards them, in place,
        by `running += momentum * (batch's - running)`. The variance noted there is the unbiased one: the batch's
        times n / (n - 1), n being the number of pixels in a channel, over all samples.
        Otherwise: uses the running ones, as they are (a copy: the next batch may change them).
        """
        raise NotImplementedError()

    def backward(self, grad):
        """grad: Tensor of x's shape. Adds to weight.grad and bias.grad; returns dx, a Tensor."""
        raise NotImplementedError()

# %% receptive_field
#| export
def receptive_field(layers):
    """How many pixels of the image, along an axis, one number of the last result depends on.

    layers: list of tuples (kernel_size, stride), in order, of convolutions and poolings; it may be empty
    Returns an int.

    receptive_field([(3, 1), (3, 1)]) == 5, receptive_field([(2, 2), (3, 1)]) == 6      (about 5 lines)
    Hint: go through the layers, and keep how many pixels two neighbouring numbers are apart.
    """
    raise NotImplementedError()

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    """A CNN for square images, as a Sequential.

    channels: tuple of ints, of the image first and then of each block's result, like (3, 8, 16)
    classes: int, the number of logits; size: int, the number of rows, and of columns, of the images
    rng: numpy Generator for all start values, used layer by layer in order
    For each block: Conv2d with a 3x3 filter and padding 1, MaxPool2d of 2, BatchNorm2d, ReLU. Then Flatten and Linear.

    small_cnn((3, 8, 16), 10, 32)(Tensor(np.ones((4, 3, 32, 32)))).shape == (4, 10)      (about 5 lines)
    Hint: pairwise(channels) pairs each number with the next. Pooling halves the size, and rounds down.
    """
    raise NotImplementedError()
