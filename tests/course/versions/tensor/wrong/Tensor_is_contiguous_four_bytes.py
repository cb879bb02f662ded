# why: is_contiguous takes four bytes for every number
# loses: check_Tensor check_Tensor_operators

# %% Tensor.is_contiguous
def is_contiguous(self):
    return is_contiguous(self.shape, self.strides, 4)
