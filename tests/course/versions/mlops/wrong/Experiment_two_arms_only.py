# why: knows only the first and the last arm

# %% Experiment.assign
def assign(user, experiment, shares):
    digest = hashlib.sha256(f"{experiment}:{user}".encode()).digest()
    point = int.from_bytes(digest[:8], "big") / 2**64
    first, *_, last = shares
    return first if point < shares[first] else last
