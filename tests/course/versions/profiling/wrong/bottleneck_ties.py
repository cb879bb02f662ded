# why: of memory and overhead, if equal, names the latter

# %% bottleneck.bottleneck
def bottleneck(row, machine):
    least = {"compute": row["flops"] / machine.flops, "overhead": row["calls"] * machine.overhead}
    least["memory"] = row["bytes"] / machine.bandwidth
    bound = max(least, key=least.get)
    return bound, least[bound]
