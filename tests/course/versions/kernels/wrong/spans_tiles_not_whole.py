# why: divides evenly, in the middle of a tile

# %% spans.spans
def spans(n, parts, step):
    tiles = -(-n // step)
    bounds = [min(n, i * n // parts) for i in range(parts + 1)]
    return [(start, stop) for start, stop in pairwise(bounds) if start < stop]
