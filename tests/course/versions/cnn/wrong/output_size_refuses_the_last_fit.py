# why: refuses a window as long as the axis

# %% output_size
#| export
def output_size(size, kernel_size, stride=1, padding=0):
    room = size + 2 * padding - kernel_size
    if room <= 0:
        raise ValueError(f"a window of {kernel_size} does not fit into {size} pixels with a padding of {padding}")
    return room // stride + 1
