# why: takes for granted that x lies packed in memory
# loses: check_windows check_conv2d check_conv2d_backward check_max_pool2d check_Conv2d check_MaxPool2d check_small_cnn

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
