# why: sixteen sums one after the other, each of which reads its rows again

# %% tile_4x4.tile_4x4
@kernel
def tile_4x4(a, b, out, i, j):
    for r in range(4):
        for s in range(4):
            total = a.dtype.type(0)
            for k in range(a.shape[1]):
                total += a[i + r, k] * b[j + s, k]
            out[i + r, j + s] = total
