# why: gives up if the slowest of them is bound by its call

# %% drop_units.layer_to_narrow
def layer_to_narrow(model, costs, machine):
    places = [i for i, layer in enumerate(model.layers) if isinstance(layer, (Linear, Conv2d))][:-1]
    rows = [row for row in costs if int(row["name"].split()[0]) in places]
    row = max(rows, key=lambda row: row["seconds"], default=None)
    if row is None or bottleneck(row, machine)[0] == "overhead":
        return None
    return int(row["name"].split()[0])
