# why: gives the outputs themselves where they are views of something new

# %% traffic.new_blocks
def new_blocks(inputs, outputs):
    seen, blocks = {id(owner(x)) for x in inputs}, []
    for out in outputs:
        if out is not None and id(owner(out)) not in seen:
            seen.add(id(owner(out)))
            blocks.append(out)
    return blocks
