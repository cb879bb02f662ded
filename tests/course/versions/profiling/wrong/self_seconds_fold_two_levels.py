# why: a path is the parent's name and its own, and the grandparent's; no more

# %% self_seconds.by_path
def by_path(events):
    above, found = parents(events), {}
    for i, seconds in enumerate(self_seconds(events)):
        path, j = (), i
        while j is not None and len(path) < 3:
            path = (events[j].name, *path)
            j = above[j]
        found[path] = found.get(path, 0.0) + seconds
    return found
