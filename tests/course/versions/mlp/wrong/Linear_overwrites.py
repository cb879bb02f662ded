# why: overwrites .grad instead of adding

# %% Linear.backward
def backward(self, grad):
    dx, dweight, dbias = linear_backward(grad.data, *self.saved)
    self.weight.grad, self.bias.grad = Tensor(dweight), Tensor(dbias)
    return Tensor(dx)
