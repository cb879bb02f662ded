# why: leaves out all that it may at the lower end
# loses: check_block_indices check_compare check_compare_runs

# %% block_indices.middle
def middle(draws, level=0.95):
    low, high = np.quantile(draws, [1 - level, level])
    return float(low), float(high)
