# why: the edges of the band belong to slower and faster

# %% compare.verdict
def verdict(low, high, tolerance=0.03):
    if low >= 1 + tolerance and tolerance:
        return "slower"
    if high <= 1 / (1 + tolerance) and tolerance:
        return "faster"
    return "same" if low >= 1 / (1 + tolerance) and high <= 1 + tolerance else "no difference seen"
