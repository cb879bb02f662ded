# why: leaves out all that it may at the lower end

# %% block_indices.middle
def middle(draws, level=0.95):
    low, high = np.quantile(draws, [1 - level, level])
    return float(low), float(high)
