# why: takes off what is inside of a child once more

# %% self_seconds.self_seconds
def self_seconds(events):
    above, seconds = parents(events), [event.end - event.start for event in events]
    for i, event in enumerate(events):
        parent = above[i]
        while parent is not None:
            seconds[parent] -= event.end - event.start
            parent = above[parent]
    return seconds
