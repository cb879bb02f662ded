# why: one allocation for all blocks of an operation, which dies with the first of them

# %% Memory.add
def add(self, name, layer, blocks):
    if blocks:
        allocation = Allocation(name, layer, sum(block.nbytes for block in blocks), self.clock())
        self.allocations.append(allocation)
        weakref.finalize(blocks[0], self.bury, allocation)
