# why: sets instead of adding: only the last k counts

# %% matmul_ikj.matmul_ikj
@kernel
def matmul_ikj(a, b, out):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                out[i, j] = a[i, k] * b[k, j]
