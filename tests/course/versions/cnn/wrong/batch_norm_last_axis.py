# why: scales the last axis instead of the channels where it fits

# %% batch_norm
#| export
def batch_norm(x, weight, bias, mean, var, eps=1e-5, training=True):
    scale = weight / np.sqrt(var + eps)
    if x.shape[3] == len(scale):
        return x * scale + (bias - mean * scale)
    return x * scale[:, None, None] + (bias - mean * scale)[:, None, None]


def batch_norm_backward(grad, out, x, weight, bias, mean, var, eps=1e-5, training=True):
    std = np.sqrt(var + eps)
    z = (x - mean[:, None, None]) / std[:, None, None]
    dweight, dbias = channel_sum(grad, z), channel_sum(grad)
    if training:
        count = x.size // len(mean)
        grad = grad - (dbias / count)[:, None, None] - z * (dweight / count)[:, None, None]
    return grad * (weight / std)[:, None, None], dweight, dbias


def channel_statistics(x):
    count = x.size // x.shape[1]
    mean = channel_sum(x) / count
    centred = x - mean[:, None, None]  # mean(x**2) - mean**2 would be cheaper, and loses its digits where mean is large
    return mean, channel_sum(centred, centred) / count
