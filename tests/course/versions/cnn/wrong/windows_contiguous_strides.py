# why: takes for granted that x lies packed in memory

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    (n, h, w, c), (kh, kw) = x.shape, kernel_size
    sc = x.itemsize
    sw = sc * c
    sh = sw * w
    sn = sh * h
    shape = (n, output_size(h, kh, stride), output_size(w, kw, stride), kh, kw, c)
    return np.lib.stride_tricks.as_strided(x, shape, (sn, sh * stride, sw * stride, sh, sw, sc), writeable=False)
