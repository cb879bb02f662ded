# why: all tiles of a row, then the next row

# %% gemm.gemm
@kernel
def gemm(a, b, out, start, stop, block):
    for top in range(start, stop, TILE):
        for left in range(0, b.shape[0], block):
            for i in range(top, top + TILE, TILE):
                for j in range(left, min(left + block, b.shape[0]), TILE):
                    tile_4x4(a, b, out, i, j)
