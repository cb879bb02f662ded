# why: the share is of the weights that are left

# %% Pruner.prune
def prune(self, amount, scope="global"):
    arrays = [tensor.data for tensor in self.weights.values()]
    amount = self.sparsity + amount * (1 - self.sparsity) if scope == "global" else amount
    masks = global_masks(arrays, amount) if scope == "global" else [l1_mask(array, amount) for array in arrays]
    self.masks = dict(zip(self.weights, masks, strict=True))
    self()
