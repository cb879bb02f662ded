# why: never comes back

# %% spans.spans
def spans(n, parts, step):
    tiles, found = -(-n // step), []
    while len(found) <= parts:
        tiles += 0
    return found
