# why: __init__ takes the block of a Tensor without asking for dtype

# %% Tensor.__init__
def __init__(self, data, dtype=None, requires_grad=False):
    self.data = data.data if isinstance(data, Tensor) else to_array(data, dtype)
    self.grad = None
    self.creator = None
    self.requires_grad = requires_grad
