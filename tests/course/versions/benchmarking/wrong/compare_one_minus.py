# why: 1 - tolerance instead of 1 / (1 + tolerance)

# %% compare.verdict
def verdict(low, high, tolerance=0.03):
    if low > 1 + tolerance:
        return "slower"
    if high < 1 - tolerance:
        return "faster"
    return "same" if low >= 1 - tolerance and high <= 1 + tolerance else "no difference seen"
