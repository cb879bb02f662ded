# why: gives the matrix itself where nothing seems to be left to do

# %% pack.pack
def pack(x, dtype):
    rows, columns = x.shape
    if rows % TILE == 0 and x.dtype == dtype and x.flags.c_contiguous:
        return x
    packed = aligned_zeros((-(-rows // TILE) * TILE, columns), dtype)
    for k in range(0, columns, 16):
        packed[:rows, k : k + 16] = x[:, k : k + 16]
    return packed
