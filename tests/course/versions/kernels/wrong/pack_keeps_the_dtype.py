# why: takes the dtype of the matrix

# %% pack.pack
def pack(x, dtype):
    rows, columns = x.shape
    packed = aligned_zeros((-(-rows // TILE) * TILE, columns), x.dtype)
    for k in range(0, columns, 16):
        packed[:rows, k : k + 16] = x[:, k : k + 16]
    return packed
