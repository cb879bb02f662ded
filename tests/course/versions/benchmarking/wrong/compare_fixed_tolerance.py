# why: always 3 %

# %% compare.verdict
def verdict(low, high, tolerance=0.03):
    if low > 1.03:
        return "slower"
    if high < 1 / 1.03:
        return "faster"
    return "same" if low >= 1 / 1.03 and high <= 1.03 and high - low <= 2 * tolerance + 1 else "no difference seen"
