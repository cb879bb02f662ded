# why: sliding_window_view with its axes as they come
# loses: check_windows check_conv2d check_conv2d_backward check_max_pool2d check_Conv2d check_MaxPool2d check_small_cnn

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    seen = np.lib.stride_tricks.sliding_window_view(x, kernel_size, axis=(1, 2))
    return seen[:, ::stride, ::stride]
