# why: the height of the ink, which a blank image does not have

# %% histogram_quantile.own_line
def own_line(rows):
    heights = np.repeat(np.arange(14), 14)
    return (rows * heights).sum(axis=1) / rows.sum(axis=1)
