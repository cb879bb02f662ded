# why: takes off only children that are operations

# %% self_seconds.self_seconds
def self_seconds(events):
    seconds = [event.end - event.start for event in events]
    for event, parent in zip(events, parents(events), strict=True):
        if parent is not None and event.kind != "span":
            seconds[parent] -= event.end - event.start
    return seconds
