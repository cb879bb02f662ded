# why: ranks units by the sum of absolute values

# %% drop_units.unit_mask
def unit_mask(weight, amount):
    return l1_mask(np.abs(weight.reshape(len(weight), -1)).sum(axis=1), amount)
