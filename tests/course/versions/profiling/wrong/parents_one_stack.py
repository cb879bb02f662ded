# why: one stack for all threads, of which it looks at the top only

# %% parents.parents
def parents(events):
    found, stacks = [None] * len(events), {}
    for i in sorted(range(len(events)), key=lambda i: (events[i].start, -events[i].end)):
        stack = stacks.setdefault(0, [])
        while stack and events[stack[-1]].end <= events[i].start:
            stack.pop()
        if stack and events[stack[-1]].thread == events[i].thread:
            found[i] = stack[-1]
        stack.append(i)
    return found
