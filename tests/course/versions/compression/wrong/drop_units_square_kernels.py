# why: takes the kernel for square

# %% drop_units.drop_units
def drop_units(weight, bias, keep, next_weight):
    small = next_weight.reshape(len(next_weight), len(keep), -1)[:, keep]
    if next_weight.ndim == 4:
        side = next_weight.shape[2]
        return weight[keep], bias[keep], small.reshape(len(small), -1, side, side)
    return weight[keep], bias[keep], small.reshape(len(small), -1)
