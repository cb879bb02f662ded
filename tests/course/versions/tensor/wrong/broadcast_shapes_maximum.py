# why: takes the larger entry without looking whether the smaller is 1
# loses: check_broadcast_shapes check_broadcast_strides check_matmul_shape check_operations

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    return tuple(max(x, y) for x, y in zip_longest(a[::-1], b[::-1], fillvalue=1))[::-1]
