# why: adds a tile where there is none missing
# loses: check_pack

# %% pack.pack
def pack(x, dtype):
    rows, columns = x.shape
    packed = aligned_zeros(((rows // TILE + 1) * TILE, columns), dtype)
    packed[:rows] = x
    return packed
