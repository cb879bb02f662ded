# why: lets a path end where a name comes a second time

# %% self_seconds.by_path
def by_path(events):
    above, found = parents(events), {}
    for i, seconds in enumerate(self_seconds(events)):
        path, j = (), i
        while j is not None and events[j].name not in path:
            path = (events[j].name, *path)
            j = above[j]
        found[path] = found.get(path, 0.0) + seconds
    return found
