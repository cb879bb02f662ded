# why: loops over the places in a filter instead of rows of patches; steps in memory computed axis by axis

# %% output_size
#| export
def output_size(size, kernel_size, stride=1, padding=0):
    start, count = -padding, 0
    while start + kernel_size <= size + padding:
        start, count = start + stride, count + 1
    if count == 0:
        raise ValueError("the window does not fit")
    return count

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    shape, strides = [x.shape[0]], [x.strides[0]]
    for axis in (1, 2):
        shape.append(output_size(x.shape[axis], kernel_size[axis - 1], stride))
        strides.append(stride * x.strides[axis])
    shape += [*kernel_size, x.shape[3]]
    strides += list(x.strides[1:])
    return np.lib.stride_tricks.as_strided(x, tuple(shape), tuple(strides))

# %% conv2d
#| export
def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    (n, c, h, w), (o, i, kh, kw) = x.shape, weight.shape
    if c != i:
        raise ValueError(f"{c} channels, but the filters are for {i}")
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    padded = np.zeros((n, h + 2 * padding, w + 2 * padding, c), x.dtype)
    padded[:, padding : padding + h, padding : padding + w] = np.moveaxis(x, 1, 3)
    out = np.zeros((n, oh, ow, o), np.result_type(x, weight)) + bias
    for a in range(kh):
        for b in range(kw):
            out += padded[:, a : a + oh * stride : stride, b : b + ow * stride : stride] @ weight[:, :, a, b].T
    return np.moveaxis(out, 3, 1)

# %% spread
#| export
def spread(grad, size, kernel_size, stride=1, padding=0):
    n, o = grad.shape[:2]
    out = np.zeros((n, size[0] + kernel_size[0] - 1, size[1] + kernel_size[1] - 1, o), grad.dtype)
    places = []
    for count, k, length in zip(grad.shape[2:], kernel_size, out.shape[1:3]):
        at = k - 1 - padding + stride * np.arange(count)
        keep = (at >= 0) & (at < length)
        places.append((np.flatnonzero(keep), at[keep]))
    (i, rows), (j, columns) = places
    if len(rows) and len(columns):
        out[:, rows[:, None], columns] = grad[:, :, i[:, None], j].transpose(0, 2, 3, 1)
    return out.transpose(0, 3, 1, 2)

# %% max_pool2d
#| export
def max_pool2d(x, kernel_size, stride):
    oh, ow = (output_size(length, kernel_size, stride) for length in x.shape[2:])
    out = np.empty((*x.shape[:2], oh, ow), x.dtype)
    for i in range(oh):
        for j in range(ow):
            rows, columns = i * stride, j * stride
            out[:, :, i, j] = x[:, :, rows : rows + kernel_size, columns : columns + kernel_size].max(axis=(2, 3))
    return out


def max_pool2d_backward(grad, out, x, kernel_size, stride):
    dx = np.zeros(x.shape, x.dtype)
    for i, j in np.ndindex(out.shape[2:]):
        there = np.s_[:, :, i * stride : i * stride + kernel_size, j * stride : j * stride + kernel_size]
        hits = (x[there] == out[:, :, i : i + 1, j : j + 1]).reshape(*out.shape[:2], -1)
        first = hits & (hits.cumsum(axis=2) == 1)
        dx[there] += first.reshape(x[there].shape) * grad[:, :, i : i + 1, j : j + 1]
    return (dx,)

# %% receptive_field
#| export
def receptive_field(layers):
    if not layers:
        return 1
    (kernel_size, stride), *rest = layers
    return kernel_size + stride * (receptive_field(rest) - 1)

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    def block(inside, outside):
        return Conv2d(inside, outside, 3, padding=1, rng=rng), MaxPool2d(2), BatchNorm2d(outside), ReLU()

    layers = [layer for pair in zip(channels[:-1], channels[1:]) for layer in block(*pair)]
    for _ in channels[1:]:
        size = size // 2
    return Sequential(*layers, Flatten(), Linear(channels[-1] * size * size, classes, rng))
