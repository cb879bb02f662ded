# why: __init__ copies
# loses: check_Tensor check_Tensor_operators

# %% Tensor.__init__
def __init__(self, data, dtype=None, requires_grad=False):
    self.data = to_array(data.data if isinstance(data, Tensor) else data, dtype).copy()
    self.grad = None
    self.creator = None
    self.requires_grad = requires_grad
