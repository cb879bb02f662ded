# why: the message has the two entries and the axis, not the shapes

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    out = []
    for i, (x, y) in enumerate(zip_longest(a[::-1], b[::-1], fillvalue=1)):
        if x != y and x != 1 and y != 1:
            raise ValueError(f"{x} and {y} differ at axis {-1 - i}")
        out.append(y if x == 1 else x)
    return tuple(out[::-1])
