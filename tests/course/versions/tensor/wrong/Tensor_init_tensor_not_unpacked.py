# why: __init__ hands a Tensor to to_array as it is

# %% Tensor.__init__
def __init__(self, data, dtype=None, requires_grad=False):
    self.data = to_array(data, dtype)
    self.grad = None
    self.creator = None
    self.requires_grad = requires_grad
