# why: steps over pixels inside of a patch as well

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    (n, h, w, c), (kh, kw) = x.shape, kernel_size
    sn, sh, sw, sc = x.strides
    shape = (n, output_size(h, kh, stride), output_size(w, kw, stride), kh, kw, c)
    return np.lib.stride_tricks.as_strided(x, shape, (sn, sh * stride, sw * stride, sh * stride, sw * stride, sc), writeable=False)
