# why: __matmul__ multiplies entry by entry
# loses: check_Tensor_operators

# %% Tensor.__matmul__
def __matmul__(self, other):
    return apply(mul, self, self._operand(other))
