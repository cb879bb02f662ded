# why: contiguous copies without apply, and the gradient forgets its way
# loses: check_Tensor_operators

# %% Tensor.contiguous
def contiguous(self):
    return self if self.is_contiguous() else Tensor(copy(self.data))
