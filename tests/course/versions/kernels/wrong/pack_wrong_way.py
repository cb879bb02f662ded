# why: moves on by the rest, not by what is missing

# %% pack.aligned_zeros
def aligned_zeros(shape, dtype, alignment=64):
    size = math.prod(shape) * np.dtype(dtype).itemsize
    room = np.zeros(size + alignment, np.uint8)
    start = room.ctypes.data % alignment
    return room[start : start + size].view(dtype).reshape(shape)
