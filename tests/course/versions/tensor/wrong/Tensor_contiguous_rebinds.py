# why: contiguous packs this tensor itself
# loses: check_Tensor_operators

# %% Tensor.contiguous
def contiguous(self):
    if not self.is_contiguous():
        self.data = copy(self.data)
    return self
