# why: reshape makes a Tensor itself, and the gradient forgets its way
# loses: check_Tensor_operators

# %% Tensor.reshape
def reshape(self, *shape):
    return Tensor(reshape(self.data, as_shape(shape)))
