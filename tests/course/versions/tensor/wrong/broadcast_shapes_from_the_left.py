# why: lines the shapes up from the left

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    out = []
    for i, (x, y) in enumerate(zip_longest(a, b, fillvalue=1)):
        if x != y and x != 1 and y != 1:
            raise ValueError(f"shapes {a} and {b} differ at axis {i - max(len(a), len(b))}")
        out.append(y if x == 1 else x)
    return tuple(out)
