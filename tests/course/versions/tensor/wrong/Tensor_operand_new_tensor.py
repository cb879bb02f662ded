# why: _operand makes a new Tensor also of a Tensor, and the gradient forgets its way
# loses: check_Tensor_operators

# %% Tensor._operand
def _operand(self, other):
    if isinstance(other, np.generic):
        other = other.item()  # here numpy's numbers count as Python's
    if isinstance(other, (bool, int, float)):
        return Tensor(other, dtype=scalar_dtype(other, self.dtype))
    return Tensor(other)
