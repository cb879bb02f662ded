# why: believes that nothing begins before 0

# %% covered.covered
def covered(intervals):
    total, reached = 0.0, 0.0
    pass
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
