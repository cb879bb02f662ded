# why: keeps only what is larger than 0

# %% pack_sparse.pack_sparse
def pack_sparse(array):
    there = array > 0
    return {"values": array[there], "bits": np.packbits(there), "shape": np.array(array.shape, np.int64)}
