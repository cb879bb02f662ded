# why: leaves out moments at which as much was born as died

# %% memory_curve.memory_curve
def memory_curve(allocations):
    changes = {}
    for a in allocations:
        changes[a.born] = changes.get(a.born, 0) + a.nbytes
        if a.died is not None:
            changes[a.died] = changes.get(a.died, 0) - a.nbytes
    times = [when for when in sorted(changes) if changes[when]]
    return list(zip(times, itertools.accumulate(changes[when] for when in times), strict=True))
