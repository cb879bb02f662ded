# why: what was pruned once stays pruned, also when less is asked for

# %% Pruner.prune
def prune(self, amount, scope="global"):
    arrays = [tensor.data for tensor in self.weights.values()]
    masks = global_masks(arrays, amount) if scope == "global" else [l1_mask(array, amount) for array in arrays]
    for name, mask in zip(self.weights, masks, strict=True):
        self.masks[name] = self.masks[name] & mask
    self()
