# why: __rsub__ has its operands the wrong way round
# loses: check_Tensor_operators

# %% Tensor.__rsub__
def __rsub__(self, other):
    return apply(sub, self, self._operand(other))
