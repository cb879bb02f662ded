# why: names the slowest layer of all, though a ReLU has no units

# %% drop_units.layer_to_narrow
def layer_to_narrow(model, costs, machine):
    row = max(costs, key=lambda row: row["seconds"], default=None)
    if row is None or bottleneck(row, machine)[0] == "overhead":
        return None
    return int(row["name"].split()[0])
