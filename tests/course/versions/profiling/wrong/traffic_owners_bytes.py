# why: counts the bytes of the owner of what is read, and not those that it shows

# %% traffic.traffic
def traffic(inputs, blocks):
    if not blocks:
        return 0
    read = {id(x): owner(x).nbytes for x in inputs}
    return sum(read.values()) + sum(block.nbytes for block in blocks)
