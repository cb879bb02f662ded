# why: has forgotten (), which ends in IndexError

# %% matmul_shape
#| export
def matmul_shape(a, b):
    if a[-1] != b[-2:][0]:
        raise ValueError(f"inner entries of {a} and {b} differ")
    return broadcast_shapes(a[:-2], b[:-2]) + a[-2:-1] + b[-2:][1:]
