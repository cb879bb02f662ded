# why: stretches with max, so 1 is not stretched to 0
# loses: check_broadcast_shapes check_broadcast_strides

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    """The shape that the shapes `a` and `b` give together.

    a, b: tuples of ints, of any lengths, () is a single number
    Returns a tuple.
    Raises ValueError that names both shapes and the axis where they differ, counted from the right
    (`axis -1` is the last one).

    broadcast_shapes((64, 3), (3,)) == (64, 3)      (about 7 lines)
    Hint: zip_longest over the reversed shapes, with fillvalue=1.
    """
    out = []
    for i, (x, y) in enumerate(zip_longest(a[::-1], b[::-1], fillvalue=1)):
        if x != y and x != 1 and y != 1:
            raise ValueError(f"shapes {a} and {b} differ at axis {-1 - i}")
        out.append(max(x, y))
    return tuple(out[::-1])
