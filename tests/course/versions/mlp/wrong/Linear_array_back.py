# why: backward returns an array instead of a Tensor

# %% Linear.backward
def backward(self, grad):
    dx, dweight, dbias = linear_backward(grad.data, *self.saved)
    for parameter, new in [(self.weight, dweight), (self.bias, dbias)]:
        parameter.grad = Tensor(new) if parameter.grad is None else Tensor(parameter.grad.data + new)
    return dx
