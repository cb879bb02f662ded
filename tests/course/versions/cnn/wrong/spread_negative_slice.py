# why: number by number; an index below zero counts from the end

# %% spread
#| export
def spread(grad, size, kernel_size, stride=1, padding=0):
    (n, o, oh, ow), (h, w), (kh, kw) = grad.shape, size, kernel_size
    wide = np.zeros((n, h + kh - 1, w + kw - 1, o), grad.dtype)
    for i in range(oh):
        for j in range(ow):
            at = kh - 1 - padding + i * stride, kw - 1 - padding + j * stride
            if at[0] < h + kh - 1 and at[1] < w + kw - 1:
                wide[:, at[0], at[1]] = grad[:, :, i, j]
    return wide.transpose(0, 3, 1, 2)
