# why: of equal weights the last go first

# %% l1_mask.l1_mask
def l1_mask(weight, amount):
    if not 0 <= amount <= 1:
        raise ValueError("no share")
    mask = np.ones(weight.size, bool)
    order = np.argsort(-np.abs(weight), axis=None, kind="stable")[::-1]
    mask[order[: round(amount * weight.size)]] = False
    return mask.reshape(weight.shape)
