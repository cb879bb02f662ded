# why: leaves the address to numpy

# %% pack.aligned_zeros
def aligned_zeros(shape, dtype, alignment=64):
    size = math.prod(shape) * np.dtype(dtype).itemsize
    room = np.zeros(size + alignment, np.uint8)
    start = 0
    return room[start : start + size].view(dtype).reshape(shape)
