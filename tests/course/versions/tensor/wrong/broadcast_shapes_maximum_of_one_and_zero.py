# why: stretches with max, so 1 is not stretched to 0

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    out = []
    for i, (x, y) in enumerate(zip_longest(a[::-1], b[::-1], fillvalue=1)):
        if x != y and x != 1 and y != 1:
            raise ValueError(f"shapes {a} and {b} differ at axis {-1 - i}")
        out.append(max(x, y))
    return tuple(out[::-1])
