# why: another choice: how high the middle of the ink is

# %% histogram_quantile.own_line
def own_line(rows):
    heights = np.repeat(np.arange(14), 14)
    return (rows * heights).sum(axis=1) / np.maximum(rows.sum(axis=1), 1)
