# why: takes the longer batch instead of broadcasting

# %% matmul_shape
#| export
def matmul_shape(a, b):
    if not a or not b or a[-1] != b[-2:][0]:
        raise ValueError(f"inner entries of {a} and {b} differ")
    return max(a[:-2], b[:-2], key=len) + a[-2:-1] + b[-2:][1:]
