# why: looks for () on the left only

# %% matmul_shape
#| export
def matmul_shape(a, b):
    if not a:
        raise ValueError(f"no matrix product of {a} and {b}")
    if a[-1] != b[-2:][0]:
        raise ValueError(f"inner entries of {a} and {b} differ")
    return broadcast_shapes(a[:-2], b[:-2]) + a[-2:-1] + b[-2:][1:]
