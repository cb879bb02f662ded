# why: prunes each layer alone
# loses: check_Pruner check_l1_mask

# %% l1_mask.global_masks
def global_masks(weights, amount):
    return [l1_mask(weight, amount) for weight in weights]
