# why: counts the axis in the message from the left

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    out = []
    for i, (x, y) in enumerate(zip_longest(a[::-1], b[::-1], fillvalue=1)):
        if x != y and x != 1 and y != 1:
            raise ValueError(f"shapes {a} and {b} differ at axis {max(len(a), len(b)) - 1 - i}")
        out.append(y if x == 1 else x)
    return tuple(out[::-1])
