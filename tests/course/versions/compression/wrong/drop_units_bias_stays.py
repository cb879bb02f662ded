# why: the bias keeps its length

# %% drop_units.drop_units
def drop_units(weight, bias, keep, next_weight):
    shape = next_weight.shape
    columns = next_weight.reshape(len(next_weight), len(keep), -1, *shape[2:])[:, keep]
    return weight[keep], bias, columns.reshape(len(columns), -1, *shape[2:])
