# why: the row that a vector on the left becomes appears in the result

# %% matmul_shape
#| export
def matmul_shape(a, b):
    if not a or not b or a[-1] != b[-2:][0]:
        raise ValueError(f"inner entries of {a} and {b} differ")
    if len(b) == 1:
        return a[:-1]
    if len(a) == 1:
        a = (1, *a)
    return broadcast_shapes(a[:-2], b[:-2]) + (a[-2], b[-1])
