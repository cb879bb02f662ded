# why: notes the first of several blocks

# %% Memory.add
def add(self, name, layer, blocks):
    for block in blocks[:1]:
        allocation = Allocation(name, layer, block.nbytes, self.clock())
        self.allocations.append(allocation)
        weakref.finalize(block, self.bury, allocation)
