# why: writes into the rows that it was given

# %% bottleneck.opportunities
def opportunities(rows, machine):
    total, found = sum(row["seconds"] for row in rows), []
    for row in rows:
        bound, least = bottleneck(row, machine)
        saved = max(0.0, row["seconds"] - least)
        parts = {"bound": bound, "least": least, "saved": saved, "speedup": total / (total - saved)}
        row.update(parts)
        found.append(row)
    return sorted(found, key=lambda one: -one["saved"])
