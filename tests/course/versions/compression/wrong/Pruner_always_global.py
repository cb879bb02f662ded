# why: does not look at scope

# %% Pruner.prune
def prune(self, amount, scope="global"):
    masks = global_masks([tensor.data for tensor in self.weights.values()], amount)
    self.masks = dict(zip(self.weights, masks, strict=True))
    self()
