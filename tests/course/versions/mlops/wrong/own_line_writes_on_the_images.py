# why: makes the images black and white in place

# %% histogram_quantile.own_line
def own_line(rows):
    rows[:] = rows > 100
    return rows[:, :98].mean(axis=1) - rows[:, 98:].mean(axis=1)
