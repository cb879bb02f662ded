# why: takes the dtype of the matrix
# loses: check_pack

# %% pack.pack
def pack(x, dtype):
    rows, columns = x.shape
    packed = aligned_zeros((-(-rows // TILE) * TILE, columns), x.dtype)
    packed[:rows] = x
    return packed
