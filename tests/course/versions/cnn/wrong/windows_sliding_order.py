# why: sliding_window_view with its axes as they come

# %% windows
#| export
def windows(x, kernel_size, stride=1):
    seen = np.lib.stride_tricks.sliding_window_view(x, kernel_size, axis=(1, 2))
    return seen[:, ::stride, ::stride]
