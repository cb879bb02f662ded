# why: gives the larger part to the first ones

# %% spans.spans
def spans(n, parts, step):
    tiles = -(-n // step)
    bounds = [min(n, -(-i * tiles // parts) * step) for i in range(parts + 1)]
    return [(start, stop) for start, stop in pairwise(bounds) if start < stop]
