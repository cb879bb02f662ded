# why: says how much faster the operation gets, not the whole

# %% bottleneck.opportunities
def opportunities(rows, machine):
    total, found = sum(row["seconds"] for row in rows), []
    for row in rows:
        bound, least = bottleneck(row, machine)
        saved = max(0.0, row["seconds"] - least)
        parts = {"bound": bound, "least": least, "saved": saved, "speedup": row["seconds"] / (row["seconds"] - saved)}
        found.append({"name": row["name"], "seconds": row["seconds"], **parts})
    return sorted(found, key=lambda one: -one["saved"])
