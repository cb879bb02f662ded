# why: puts another array into the Tensor

# %% Pruner.__call__
def __call__(self, *report):
    for name, tensor in self.weights.items():
        tensor.data = tensor.data * self.masks[name]
