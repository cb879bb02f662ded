# why: does not fill up the last tile
# loses: check_pack check_gemm check_spans

# %% pack.pack
def pack(x, dtype):
    rows, columns = x.shape
    packed = aligned_zeros((rows, columns), dtype)
    packed[:rows] = x
    return packed
