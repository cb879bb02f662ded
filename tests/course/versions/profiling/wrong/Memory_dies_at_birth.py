# why: asks the clock when it prepares the burial, not when it is one

# %% Memory.add
def add(self, name, layer, blocks):
    for block in blocks:
        allocation = Allocation(name, layer, block.nbytes, self.clock())
        self.allocations.append(allocation)
        weakref.finalize(block, setattr, allocation, "died", self.clock())
