# why: keeps an axis of length 1

# %% histogram_quantile.own_line
def own_line(rows):
    return rows[:, :98].mean(axis=1, keepdims=True) - rows[:, 98:].mean(axis=1, keepdims=True)
