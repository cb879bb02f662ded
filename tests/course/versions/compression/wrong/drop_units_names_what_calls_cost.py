# why: does not look at the bound

# %% drop_units.layer_to_narrow
def layer_to_narrow(model, costs, machine):
    places = [i for i, layer in enumerate(model.layers) if isinstance(layer, (Linear, Conv2d))][:-1]
    rows = [row for row in costs if int(row["name"].split()[0]) in places]
    return int(max(rows, key=lambda row: row["seconds"])["name"].split()[0]) if rows else None
