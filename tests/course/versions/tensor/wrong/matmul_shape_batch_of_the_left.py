# why: the batch axes of the left shape only

# %% matmul_shape
#| export
def matmul_shape(a, b):
    if not a or not b or a[-1] != b[-2:][0]:
        raise ValueError(f"inner entries of {a} and {b} differ")
    return a[:-2] + a[-2:-1] + b[-2:][1:]
