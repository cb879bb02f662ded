# why: each gets the same, the last one all that is left

# %% spans.spans
def spans(n, parts, step):
    tiles = -(-n // step)
    bounds = [min(n, i * (tiles // parts) * step) for i in range(parts)] + [n]
    return [(start, stop) for start, stop in pairwise(bounds) if start < stop]
