# why: BT in float64, so that all becomes float64

# %% conv2d_winograd.winograd_tiles
def winograd_tiles(x):
    tiles = windows(x.transpose(0, 2, 3, 1), (4, 4), 2).transpose(3, 4, 0, 1, 2, 5)
    both = np.kron(BT, BT).astype(np.float64)
    return (both @ tiles.reshape(16, tiles[0, 0].size)).reshape(tiles.shape)
