# why: _operand gives numbers the dtype that they have alone, so 0.1 next to float64 has float32 digits
# loses: check_Tensor_operators

# %% Tensor._operand
def _operand(self, other):
    if isinstance(other, np.generic):
        other = other.item()  # here numpy's numbers count as Python's
    return other if isinstance(other, Tensor) else Tensor(other)
