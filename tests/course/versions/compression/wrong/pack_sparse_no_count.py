# why: the bits that fill up the last byte count as places

# %% pack_sparse.unpack_sparse
def unpack_sparse(packed):
    shape = tuple(packed["shape"].tolist())
    array = np.zeros(shape, packed["values"].dtype)
    array[np.unpackbits(packed["bits"]).astype(bool).reshape(shape)] = packed["values"]
    return array
