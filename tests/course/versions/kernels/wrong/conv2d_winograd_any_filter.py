# why: does not look at the filter's size

# %% conv2d_winograd.conv2d_winograd
def conv2d_winograd(x, weight, bias, padding=0):
    (n, _, h, w), (o, _, *size) = x.shape, weight.shape
    oh, ow = output_size(h, 3, 1, padding), output_size(w, 3, 1, padding)
    pad = (0, 0), (0, 0), (padding, padding + oh % 2), (padding, padding + ow % 2)
    tiles = winograd_tiles(np.pad(x, pad))
    th, tw, c = tiles.shape[3:]
    products = tiles.reshape(16, n * th * tw, c) @ winograd_filters(weight).reshape(16, c, o)
    pairs = np.kron(AT, AT).astype(x.dtype) @ products.reshape(16, n * th * tw * o)
    out = pairs.reshape(2, 2, n, th, tw, o).transpose(2, 5, 3, 0, 4, 1).reshape(n, o, 2 * th, 2 * tw)
    return out[:, :, :oh, :ow] + bias[:, None, None]
