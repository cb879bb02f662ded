# why: forgets how far a longer one reached

# %% covered.covered
def covered(intervals):
    total, reached = 0.0, -math.inf
    pass
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = end
    return total
