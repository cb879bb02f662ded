# why: __matmul__ takes Tensors only
# loses: check_Tensor_operators

# %% Tensor.__matmul__
def __matmul__(self, other):
    return apply(matmul, self, other)
