# why: as if there had been no padding

# %% spread
#| export
def spread(grad, size, kernel_size, stride=1, padding=0):
    (n, o, oh, ow), (h, w), (kh, kw) = grad.shape, size, kernel_size
    wide = np.zeros((n, h + 2 * padding + kh - 1, w + 2 * padding + kw - 1, o), grad.dtype)
    wide[:, kh - 1 :: stride, kw - 1 :: stride][:, :oh, :ow] = grad.transpose(0, 2, 3, 1)
    return wide[:, : h + kh - 1, : w + kw - 1].transpose(0, 3, 1, 2)
