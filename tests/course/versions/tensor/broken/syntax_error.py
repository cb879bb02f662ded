# why: a colon is missing in matmul_shape, so the cell defines nothing

# %% matmul_shape
#| export
def matmul_shape(a, b):
    """The shape of the matrix product of shapes `a` and `b`.

    a, b: tuples of ints, at least one entry each; all but the last two are batch axes, which broadcast
    Returns a tuple.
    Raises ValueError that names both shapes, where one is () or the inner entries differ (and what
    broadcast_shapes raises, where the batches do not fit).

    matmul_shape((10, 2, 3), (3, 4)) == (10, 2, 4), matmul_shape((2, 3), (3,)) == (2,)      (about 7 lines)
    Hint: slices need no special case for vectors: a[-2:-1] and b[:-2] are () there, and b[-2:][0] is
    the inner entry of a matrix as well as of a vector.
    """
    if not a or not b
        raise ValueError(f"@ needs at least one axis on both sides, the shapes are {a} and {b}")
    if a[-1] != b[-2:][0]:
        raise ValueError(f"inner entries of {a} @ {b} differ: {a[-1]} and {b[-2:][0]}; transpose one of them?")
    return broadcast_shapes(a[:-2], b[:-2]) + a[-2:-1] + b[-2:][1:]
