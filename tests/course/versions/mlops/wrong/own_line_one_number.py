# why: one number for all images together

# %% histogram_quantile.own_line
def own_line(rows):
    return rows[:, :98].mean() - rows[:, 98:].mean()
