# why: the two by two results are put in front of the tiles: not rows of tiles, but tiles of rows

# %% conv2d_winograd.conv2d_winograd
def conv2d_winograd(x, weight, bias, padding=0):
    (n, c, h, w), (o, _, kh, kw) = x.shape, weight.shape
    if (kh, kw) != (3, 3):
        raise ValueError(f"filters of 3 x 3 only, not of {kh} x {kw}")
    oh, ow = output_size(h, 3, 1, padding), output_size(w, 3, 1, padding)
    tiles = winograd_tiles(np.pad(x, ((0, 0), (0, 0), (padding, padding + oh % 2), (padding, padding + ow % 2))))
    th, tw = tiles.shape[3:5]
    products = tiles.reshape(16, -1, c) @ winograd_filters(weight).reshape(16, c, o)
    out = (np.kron(AT, AT) @ products.reshape(16, -1)).reshape(2, 2, n, th, tw, o)
    out = out.transpose(2, 5, 0, 3, 1, 4).reshape(n, o, 2 * th, 2 * tw)
    return out[:, :, :oh, :ow] + bias[:, None, None]
