# why: rounds to whole microseconds

# %% chrome_trace.chrome_trace
def chrome_trace(events, allocations=()):
    threads, rows = list(dict.fromkeys(event.thread for event in events)), []
    for event in events:
        args = {"layer": event.layer, "flops": event.flops, "bytes": event.nbytes}
        row = {"name": event.name, "cat": event.kind, "ph": "X", "ts": int(1e6 * event.start)}
        row["dur"] = int(1e6 * (event.end - event.start))
        rows.append({**row, "pid": 1, "tid": threads.index(event.thread) + 1, "args": args})
    for when, nbytes in memory_curve(allocations):
        rows.append({"name": "memory", "ph": "C", "ts": 1e6 * when, "pid": 1, "args": {"alive": nbytes}})
    return {"displayTimeUnit": "ms", "traceEvents": rows}
