# why: adds up only events that stand next to each other in the list

# %% summarize.totals
def totals(events, key="name"):
    rows, pairs = [], zip(events, self_seconds(events), strict=True)
    for name, group in itertools.groupby(pairs, key=lambda pair: getattr(pair[0], key)):
        group = list(group)
        row = {"name": name, "calls": len(group), "seconds": sum(seconds for _, seconds in group)}
        row["flops"] = sum(event.flops for event, _ in group)
        row["bytes"] = sum(event.nbytes for event, _ in group)
        rows.append(row)
    return sorted(rows, key=lambda row: -row["seconds"])
