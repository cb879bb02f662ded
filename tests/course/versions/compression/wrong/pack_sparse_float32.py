# why: unpacks to float32, whatever it was

# %% pack_sparse.unpack_sparse
def unpack_sparse(packed):
    shape = tuple(packed["shape"].tolist())
    array = np.zeros(shape, np.float32)
    there = np.unpackbits(packed["bits"], count=array.size).astype(bool)
    array[there.reshape(shape)] = packed["values"]
    return array
