# why: sorts those who are alive by their births

# %% memory_curve.alive
def alive(allocations, when):
    found = [a for a in allocations if a.born <= when and (a.died is None or when < a.died)]
    return sorted(found, key=lambda a: a.born)
