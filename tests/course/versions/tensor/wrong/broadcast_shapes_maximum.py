# why: takes the larger entry without looking whether the smaller is 1

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    return tuple(max(x, y) for x, y in zip_longest(a[::-1], b[::-1], fillvalue=1))[::-1]
