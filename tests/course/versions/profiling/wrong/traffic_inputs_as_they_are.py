# why: looks for an output's owner among the inputs, not among their owners

# %% traffic.new_blocks
def new_blocks(inputs, outputs):
    seen, blocks = {id(x) for x in inputs}, []
    for out in outputs:
        if out is not None and id(owner(out)) not in seen:
            seen.add(id(owner(out)))
            blocks.append(owner(out))
    return blocks
