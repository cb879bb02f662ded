# why: sorts the list that it was given

# %% covered.covered
def covered(intervals):
    total, reached = 0.0, -math.inf
    intervals.sort()
    for start, end in intervals:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
