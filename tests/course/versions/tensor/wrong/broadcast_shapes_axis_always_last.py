# why: the message says axis -1 whichever axis differs

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    out = []
    for x, y in zip_longest(a[::-1], b[::-1], fillvalue=1):
        if x != y and x != 1 and y != 1:
            raise ValueError(f"shapes {a} and {b} differ at axis -1: {x} and {y}")
        out.append(y if x == 1 else x)
    return tuple(out[::-1])
