# why: lets an inner entry of 1 pass, as broadcasting would

# %% matmul_shape
#| export
def matmul_shape(a, b):
    if not a or not b or (a[-1] != b[-2:][0] and 1 not in (a[-1], b[-2:][0])):
        raise ValueError(f"inner entries of {a} and {b} differ")
    return broadcast_shapes(a[:-2], b[:-2]) + a[-2:-1] + b[-2:][1:]
