# why: never comes back

# %% covered.covered
def covered(intervals):
    total, reached = 0.0, -math.inf
    while intervals is not None:
        total += 1.0
    return total
