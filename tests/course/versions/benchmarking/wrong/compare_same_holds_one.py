# why: calls it the same where the interval holds 1

# %% compare.verdict
def verdict(low, high, tolerance=0.03):
    if low > 1 + tolerance:
        return "slower"
    if high < 1 / (1 + tolerance):
        return "faster"
    return "same" if low <= 1 <= high and high - low < 2 * tolerance else "no difference seen"
