# why: reshape takes ints, but no tuple
# loses: check_Tensor_operators

# %% Tensor.reshape
def reshape(self, *shape):
    return apply(reshape, self, shape=shape)
