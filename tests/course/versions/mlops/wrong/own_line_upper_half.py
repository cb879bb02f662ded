# why: the ink of the upper half alone, which hardly differs from that of the lower half

# %% histogram_quantile.own_line
def own_line(rows):
    return rows[:, :98].mean(axis=1)
