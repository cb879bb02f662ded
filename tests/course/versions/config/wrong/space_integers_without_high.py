# why: leaves out the highest

# %% space
#| export
def grid(space):
    for name, values in space.items():
        if not isinstance(values, list):
            raise ValueError(f"{name}: a grid needs a list of values, got {values!r}")
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]


def draw_value(values, u):
    if isinstance(values, list):
        return values[int(u * len(values))]
    ((scale, (low, high)),) = values.items()
    if scale == "uniform":
        return low + u * (high - low)
    if scale == "log":
        return low * (high / low) ** u
    if scale == "integers":
        return low + int(u * (high - low))
    raise ValueError(f"unknown {scale!r}, there are uniform, log and integers")


def random_trials(space, seed, count):
    trials = []
    for i in range(count):
        rng = stream(seed, f"trial {i}")
        trials.append({name: draw_value(values, rng.random()) for name, values in space.items()})
    return trials
