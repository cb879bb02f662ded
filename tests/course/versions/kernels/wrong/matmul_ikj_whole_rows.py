# why: a whole row at a time, which makes an array for each

# %% matmul_ikj.matmul_ikj
@kernel
def matmul_ikj(a, b, out):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            out[i] += a[i, k] * b[k]
