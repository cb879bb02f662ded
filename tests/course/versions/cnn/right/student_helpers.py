# why: helper functions, einsum, one sample at a time, gradients added up by hand

# %% conv2d
#| export
def _as_matrix(weight):
    return np.moveaxis(weight, (2, 3, 1, 0), (0, 1, 2, 3)).reshape(-1, len(weight))


def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    kernel, results = weight.shape[2:], []
    oh = output_size(x.shape[2], kernel[0], stride, padding)
    ow = output_size(x.shape[3], kernel[1], stride, padding)
    for sample in x.transpose(0, 2, 3, 1):
        for _, rows in column_chunks(sample[None], kernel, stride, padding):
            results.append((rows @ _as_matrix(weight) + bias).reshape(oh, ow, -1))
    return np.stack(results).transpose(0, 3, 1, 2)

# %% conv2d_backward
#| export
def conv2d_backward(grad, out, x, weight, bias, stride=1, padding=0, input_grad=True):
    dweight = np.zeros_like(weight)
    for samples, rows in column_chunks(x.transpose(0, 2, 3, 1), weight.shape[2:], stride, padding):
        part = grad[samples].transpose(1, 0, 2, 3).reshape(len(weight), -1)
        dweight += (part @ rows).reshape(len(weight), *weight.shape[2:], -1).transpose(0, 3, 1, 2)
    dbias = np.einsum("nohw->o", grad)
    if not input_grad:
        return None, dweight, dbias
    laid_out = spread(grad, x.shape[2:], weight.shape[2:], stride, padding)
    turned = np.flip(weight, axis=(2, 3)).swapaxes(0, 1)
    return conv2d(laid_out, turned, np.zeros(x.shape[1], x.dtype)), dweight, dbias

# %% batch_norm
#| export
def _wide(array):
    return array[None, :, None, None]


def batch_norm(x, weight, bias, mean, var, eps=1e-5, training=True):
    out = x - _wide(mean)
    out /= _wide(np.sqrt(var + eps))
    out *= _wide(weight)
    out += _wide(bias)
    return out


def batch_norm_backward(grad, out, x, weight, bias, mean, var, eps=1e-5, training=True):
    std, centred = np.sqrt(var + eps), x - _wide(mean)
    dbias, with_x = np.einsum("nchw->c", grad), np.einsum("nchw,nchw->c", grad, centred)
    dx = grad * _wide(weight / std)
    if training:
        count = grad.size // len(mean)
        dx -= _wide(weight / std * dbias / count)
        dx -= centred * _wide(weight * with_x / count / std**3)
    return dx, with_x / std, dbias


def channel_statistics(x):
    mean = x.mean(axis=(0, 2, 3))
    return mean, ((x - _wide(mean)) ** 2).mean(axis=(0, 2, 3))

# %% MaxPool2d
#| export
class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None):
        if stride is None:
            stride = kernel_size
        self.kernel_size = kernel_size
        self.stride = stride

    def forward(self, x):
        self.before = x.data
        after = apply(max_pool2d, x, kernel_size=self.kernel_size, stride=self.stride)
        self.after = after.data
        return after

    def backward(self, grad):
        return Tensor(*max_pool2d_backward(grad.data, self.after, self.before, self.kernel_size, self.stride))


class Flatten(Module):
    def forward(self, x):
        self.saved = x.shape
        return x.reshape(x.shape[0], -1)

    def backward(self, grad):
        return grad.reshape(*self.saved)
