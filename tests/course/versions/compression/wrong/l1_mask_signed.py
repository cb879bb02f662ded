# why: ranks numbers, not magnitudes: all negative weights go first

# %% l1_mask.l1_mask
def l1_mask(weight, amount):
    if not 0 <= amount <= 1:
        raise ValueError("no share")
    mask = np.ones(weight.size, bool)
    mask[np.argsort(weight, axis=None, kind="stable")[: round(amount * weight.size)]] = False
    return mask.reshape(weight.shape)
