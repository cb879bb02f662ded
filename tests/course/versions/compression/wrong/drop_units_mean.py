# why: ranks units by the sum of their weights: signs cancel

# %% drop_units.unit_mask
def unit_mask(weight, amount):
    rows = weight.reshape(len(weight), -1)
    return l1_mask(rows.sum(axis=1), amount)
