# why: counts a block twice that two outputs are views of

# %% traffic.new_blocks
def new_blocks(inputs, outputs):
    old = {id(owner(x)) for x in inputs}
    return [owner(out) for out in outputs if out is not None and id(owner(out)) not in old]
