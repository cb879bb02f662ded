# why: size from grad: rows that no window reached are missing

# %% spread
#| export
def spread(grad, size, kernel_size, stride=1, padding=0):
    (n, o, oh, ow), (h, w), (kh, kw) = grad.shape, size, kernel_size
    h, w = (oh - 1) * stride + kh - 2 * padding, (ow - 1) * stride + kw - 2 * padding
    wide = np.zeros((n, h + 2 * padding + kh - 1, w + 2 * padding + kw - 1, o), grad.dtype)
    wide[:, kh - 1 :: stride, kw - 1 :: stride][:, :oh, :ow] = grad.transpose(0, 2, 3, 1)
    return wide[:, padding : padding + h + kh - 1, padding : padding + w + kw - 1].transpose(0, 3, 1, 2)
