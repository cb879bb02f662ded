# why: sorts by what is saved and then by name, both from the end

# %% bottleneck.opportunities
def opportunities(rows, machine):
    total, found = sum(row["seconds"] for row in rows), []
    for row in rows:
        bound, least = bottleneck(row, machine)
        saved = max(0.0, row["seconds"] - least)
        parts = {"bound": bound, "least": least, "saved": saved, "speedup": total / (total - saved)}
        found.append({"name": row["name"], "seconds": row["seconds"], **parts})
    return sorted(found, key=lambda one: (one["saved"], one["name"]), reverse=True)
