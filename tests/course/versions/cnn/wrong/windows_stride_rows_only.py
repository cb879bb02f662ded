# why: moves on by `stride` in rows only

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    (n, h, w, c), (kh, kw) = x.shape, kernel_size
    sn, sh, sw, sc = x.strides
    shape = (n, output_size(h, kh, stride), output_size(w, kw, stride), kh, kw, c)
    return np.lib.stride_tricks.as_strided(x, shape, (sn, sh * stride, sw, sh, sw, sc), writeable=False)
