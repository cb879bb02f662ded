# why: names only the right shape

# %% matmul_shape
#| export
def matmul_shape(a, b):
    if not a or not b or a[-1] != b[-2:][0]:
        raise ValueError(f"cannot multiply by a block of shape {b}")
    return broadcast_shapes(a[:-2], b[:-2]) + a[-2:-1] + b[-2:][1:]
