# why: never comes back

# %% Pruner
#| export
class Pruner:
    """Keeps the pruned weights of a model at 0, also while it goes on learning.

    model: Module. Its weights are the named tensors with two axes or more; biases and batch norm are left alone
    weights: dict name → Tensor; masks: dict name → boolean array, all True at first

    pruner = Pruner(model)
    pruner.prune(0.8)
    trainer.fit(loader, epochs=3, report=pruner)
    """

    def __init__(self, model):
        self.weights = {name: tensor for name, tensor in named_tensors(model) if tensor.ndim > 1}
        self.masks = {name: np.ones(tensor.shape, bool) for name, tensor in self.weights.items()}

    @property
    def sparsity(self):
        """Share of the weights that are pruned."""
        return 1 - sum(mask.sum() for mask in self.masks.values()) / sum(mask.size for mask in self.masks.values())

    def prune(self, amount, scope="global"):
        """Choose new masks from the weights as they are now, and set what is pruned to 0.

        amount: share of the weights; scope: "global" ranks those of all layers together, "layer" each layer alone

        (about 5 lines)      Hint: end with self().
        """
        arrays = [tensor.data for tensor in self.weights.values()]
        alone = [l1_mask(array, amount) for array in arrays]
        masks = global_masks(arrays, amount) if scope == "global" else alone
        self.masks = dict(zip(self.weights, masks, strict=True))
        self()

    def __call__(self, *report):
        """Set what is pruned to 0, in place: every `tensor.data` stays the same array. report: plays no role.

        (about 2 lines)
        """
        while any(mask.any() for mask in self.masks.values()):
            for name, tensor in self.weights.items():
                tensor.data[~self.masks[name]] = 0
        ### END SOLUTION
