# why: _operand gives arrays and lists the dtype of the tensor, too
# loses: check_Tensor_operators

# %% Tensor._operand
def _operand(self, other):
    if isinstance(other, np.generic):
        other = other.item()  # here numpy's numbers count as Python's
    if isinstance(other, Tensor):
        return other
    if isinstance(other, (bool, int, float)):
        return Tensor(other, dtype=scalar_dtype(other, self.dtype))
    return Tensor(other, dtype=self.dtype)
