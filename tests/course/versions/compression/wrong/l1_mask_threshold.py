# why: a threshold: of equal weights all go, or none

# %% l1_mask.l1_mask
def l1_mask(weight, amount):
    if not 0 <= amount <= 1:
        raise ValueError("no share")
    n = round(amount * weight.size)
    if n == 0:
        return np.ones(weight.shape, bool)
    threshold = np.sort(np.abs(weight), axis=None)[n - 1]
    return np.abs(weight) > threshold
