# why: the brightness once more, which is the same upside down

# %% histogram_quantile.own_line
def own_line(rows):
    return rows.mean(axis=1)
