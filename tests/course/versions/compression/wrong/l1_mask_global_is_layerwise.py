# why: prunes each layer alone

# %% l1_mask.global_masks
def global_masks(weights, amount):
    return [l1_mask(weight, amount) for weight in weights]
