# why: keeps every block alive that it watches

# %% Memory.add
def add(self, name, layer, blocks):
    for block in blocks:
        allocation = Allocation(name, layer, block.nbytes, self.clock())
        self.allocations.append(allocation)
        weakref.finalize(block, lambda block, allocation: self.bury(allocation), block, allocation)
