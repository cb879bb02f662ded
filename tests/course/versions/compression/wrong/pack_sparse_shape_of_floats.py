# why: the shape of a single number becomes float64

# %% pack_sparse.pack_sparse
def pack_sparse(array):
    there = array != 0
    return {"values": array[there], "bits": np.packbits(there), "shape": np.array(array.shape)}
