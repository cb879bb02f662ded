# why: behind a Flatten, takes every n-th column instead of a run

# %% drop_units.drop_units
def drop_units(weight, bias, keep, next_weight):
    if next_weight.ndim == 2:
        pixels = next_weight.shape[1] // len(keep)
        columns = np.tile(keep, pixels)
        return weight[keep], bias[keep], next_weight[:, columns]
    return weight[keep], bias[keep], next_weight[:, keep]
