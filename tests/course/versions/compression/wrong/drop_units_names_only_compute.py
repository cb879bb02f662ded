# why: leaves out what is bound by memory, too

# %% drop_units.layer_to_narrow
def layer_to_narrow(model, costs, machine):
    places = [i for i, layer in enumerate(model.layers) if isinstance(layer, (Linear, Conv2d))][:-1]
    for row in sorted(costs, key=lambda row: -row["seconds"]):
        place = int(row["name"].split()[0])
        if place in places and bottleneck(row, machine)[0] == "compute":
            return place
    return None
