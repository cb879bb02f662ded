# why: adds up whole durations: what is inside counts again

# %% summarize.totals
def totals(events, key="name"):
    rows = {}
    for event, seconds in zip(events, [event.end - event.start for event in events], strict=True):
        name = getattr(event, key)
        row = rows.setdefault(name, {"name": name, "calls": 0, "seconds": 0.0, "flops": 0, "bytes": 0})
        row["calls"] += 1
        row["seconds"] += seconds
        row["flops"] += event.flops
        row["bytes"] += event.nbytes
    return sorted(rows.values(), key=lambda row: -row["seconds"])
