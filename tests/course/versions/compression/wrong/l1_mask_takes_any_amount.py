# why: no error for shares below 0

# %% l1_mask.l1_mask
def l1_mask(weight, amount):
    if amount > 1:
        raise ValueError("no share")
    mask = np.ones(weight.size, bool)
    mask[np.argsort(np.abs(weight), axis=None, kind="stable")[: round(amount * weight.size)]] = False
    return mask.reshape(weight.shape)
