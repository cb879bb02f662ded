# why: leaves the last, smaller block out

# %% gemm.gemm
@kernel
def gemm(a, b, out, start, stop, block):
    for top in range(start, stop - block + 1, block):
        for left in range(0, b.shape[0], block):
            for i in range(top, min(top + block, stop), TILE):
                for j in range(left, min(left + block, b.shape[0]), TILE):
                    tile_4x4(a, b, out, i, j)
