# why: reshape changes this tensor and returns it
# loses: check_Tensor_operators

# %% Tensor.reshape
def reshape(self, *shape):
    self.data = reshape(self.data, as_shape(shape))
    return self
