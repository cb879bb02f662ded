# why: adds up whole durations

# %% self_seconds.by_path
def by_path(events):
    above, found = parents(events), {}
    for i, event in enumerate(events):
        path, j = (), i
        while j is not None:
            path = (events[j].name, *path)
            j = above[j]
        found[path] = found.get(path, 0.0) + event.end - event.start
    return found
