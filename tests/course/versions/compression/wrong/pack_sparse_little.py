# why: bits from the other end of the byte, also back

# %% pack_sparse.pack_sparse
def pack_sparse(array):
    there = array != 0
    return {"values": array[there], "bits": np.packbits(there, bitorder="little"), "shape": np.array(array.shape, np.int64)}

# %% pack_sparse.unpack_sparse
def unpack_sparse(packed):
    shape = tuple(packed["shape"].tolist())
    array = np.zeros(shape, packed["values"].dtype)
    there = np.unpackbits(packed["bits"], count=array.size, bitorder="little").astype(bool)
    array[there.reshape(shape)] = packed["values"]
    return array
