# why: gives the last of several peaks

# %% memory_curve.peak
def peak(allocations):
    best = (0.0, 0)
    for point in memory_curve(allocations):
        if point[1] >= best[1]:
            best = point
    return best
