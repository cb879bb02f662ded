# why: another choice: an image that is turned round has its left half on the right

# %% histogram_quantile.own_line
def own_line(rows):
    images = rows.reshape(-1, 14, 14)
    return images[:, :, :7].mean(axis=(1, 2)) - images[:, :, 7:].mean(axis=(1, 2))
