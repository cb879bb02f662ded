# why: __mul__ multiplies the arrays itself, and no listener hears of it
# loses: check_apply check_Tensor_operators

# %% Tensor.__mul__
def __mul__(self, other):
    return Tensor(mul(self.data, self._operand(other).data))
