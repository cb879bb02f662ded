# why: counts whole seconds

# %% covered.covered
def covered(intervals):
    return float(len({moment for start, end in intervals for moment in range(start, end)}))
