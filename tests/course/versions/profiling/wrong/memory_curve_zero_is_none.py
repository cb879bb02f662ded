# why: takes a death at 0 for none

# %% memory_curve.memory_curve
def memory_curve(allocations):
    changes = {}
    for a in allocations:
        changes[a.born] = changes.get(a.born, 0) + a.nbytes
        if a.died:
            changes[a.died] = changes.get(a.died, 0) - a.nbytes
    times = sorted(changes)
    return list(zip(times, itertools.accumulate(changes[when] for when in times), strict=True))
