# why: adds up the gradient of weight, but overwrites that of bias

# %% Linear.backward
def backward(self, grad):
    dx, dweight, dbias = linear_backward(grad.data, *self.saved)
    self.weight.grad = Tensor(dweight) if self.weight.grad is None else self.weight.grad + Tensor(dweight)
    self.bias.grad = Tensor(dbias)
    return Tensor(dx)
