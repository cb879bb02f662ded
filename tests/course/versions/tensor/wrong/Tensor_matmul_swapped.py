# why: __matmul__ has its operands the wrong way round
# loses: check_Tensor_operators

# %% Tensor.__matmul__
def __matmul__(self, other):
    return apply(matmul, self._operand(other), self)
