# why: is_contiguous takes Fortran order, too
# loses: check_Tensor check_Tensor_operators

# %% Tensor.is_contiguous
def is_contiguous(self):
    return self.data.flags.contiguous or self.data.flags.f_contiguous
