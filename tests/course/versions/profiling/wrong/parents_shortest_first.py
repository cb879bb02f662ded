# why: of two that begin together, takes the shorter one first

# %% parents.parents
def parents(events):
    found, stacks = [None] * len(events), {}
    for i in sorted(range(len(events)), key=lambda i: (events[i].start, events[i].end)):
        stack = stacks.setdefault(events[i].thread, [])
        while stack and events[stack[-1]].end <= events[i].start:
            stack.pop()
        if stack:
            found[i] = stack[-1]
        stack.append(i)
    return found
