# why: contiguous copies also what is contiguous
# loses: check_Tensor check_Tensor_operators

# %% Tensor.contiguous
def contiguous(self):
    return apply(copy, self)
