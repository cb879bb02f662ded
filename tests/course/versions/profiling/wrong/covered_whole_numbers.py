# why: counts whole seconds
# loses: check_covered

# %% covered.covered
def covered(intervals):
    return float(len({moment for start, end in intervals for moment in range(start, end)}))
