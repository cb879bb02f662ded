# why: never raises: sizes of 0 or below

# %% output_size
#| export
def output_size(size, kernel_size, stride=1, padding=0):
    room = size + 2 * padding - kernel_size
    return room // stride + 1
