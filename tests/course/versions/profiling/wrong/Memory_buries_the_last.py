# why: its lambda looks up the allocation when it is called: always the last one of the call

# %% Memory.add
def add(self, name, layer, blocks):
    for block in blocks:
        allocation = Allocation(name, layer, block.nbytes, self.clock())
        self.allocations.append(allocation)
        weakref.finalize(block, lambda: self.bury(allocation))
