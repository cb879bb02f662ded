# why: reads two views of one block once

# %% traffic.traffic
def traffic(inputs, blocks):
    if not blocks:
        return 0
    read = {id(owner(x)): x.nbytes for x in inputs}
    return sum(read.values()) + sum(block.nbytes for block in blocks)
