# why: looks for the peak among the moments of births, in the list's order

# %% memory_curve.peak
def peak(allocations):
    points = [(a.born, sum(b.nbytes for b in alive(allocations, a.born))) for a in allocations]
    return max(points, key=lambda point: point[1], default=(0.0, 0))
