# why: writes the first block only

# %% traffic.traffic
def traffic(inputs, blocks):
    return sum({id(x): x.nbytes for x in inputs}.values()) + blocks[0].nbytes if blocks else 0
