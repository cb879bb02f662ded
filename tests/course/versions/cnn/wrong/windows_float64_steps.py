# why: converts to float64 first

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    (n, h, w, c), (kh, kw) = x.shape, kernel_size
    sn, sh, sw, sc = x.strides
    if x.itemsize != 8:
        sn, sh, sw, sc = h * w * c * 8, w * c * 8, c * 8, 8
        x = x.astype(np.float64)
    shape = (n, output_size(h, kh, stride), output_size(w, kw, stride), kh, kw, c)
    return np.lib.stride_tricks.as_strided(x, shape, (sn, sh * stride, sw * stride, sh, sw, sc), writeable=False)
