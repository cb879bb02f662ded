# why: adds up computing and moving, which happen at the same time

# %% bottleneck.bottleneck
def bottleneck(row, machine):
    least = {"compute": row["flops"] / machine.flops, "memory": row["bytes"] / machine.bandwidth}
    least["overhead"] = row["calls"] * machine.overhead
    return max(least, key=least.get), sum(least.values())
