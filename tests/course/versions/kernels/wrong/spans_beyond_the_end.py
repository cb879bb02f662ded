# why: rounds the last one up

# %% spans.spans
def spans(n, parts, step):
    tiles = -(-n // step)
    bounds = [i * tiles // parts * step for i in range(parts + 1)]
    return [(start, stop) for start, stop in pairwise(bounds) if start < stop]
