# why: counts time as lost where an operation was faster than it should be

# %% bottleneck.opportunities
def opportunities(rows, machine):
    total, found = sum(row["seconds"] for row in rows), []
    for row in rows:
        bound, least = bottleneck(row, machine)
        saved = row["seconds"] - least
        parts = {"bound": bound, "least": least, "saved": saved, "speedup": total / (total - saved)}
        found.append({"name": row["name"], "seconds": row["seconds"], **parts})
    return sorted(found, key=lambda one: -one["saved"])
