# why: subtracts the mean of the batch, so that an image's number depends on its neighbours

# %% histogram_quantile.own_line
def own_line(rows):
    halves = rows[:, :98].mean(axis=1) - rows[:, 98:].mean(axis=1)
    return halves - halves.mean() / 9
