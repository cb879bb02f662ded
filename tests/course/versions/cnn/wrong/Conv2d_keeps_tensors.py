# why: saves Tensors instead of arrays: an input that requires a gradient then counts as a parameter

# %% Conv2d.forward
def forward(self, x):
    self.options = {"stride": self.stride, "padding": self.padding, "input_grad": x.requires_grad}
    self.x = x
    self.out = apply(conv2d, x, self.weight, self.bias, **self.options)
    return self.out

# %% Conv2d.backward
def backward(self, grad):
    inputs = self.x.data, self.weight.data, self.bias.data
    dx, dweight, dbias = conv2d_backward(grad.data, self.out.data, *inputs, **self.options)
    accumulate(self.weight, dweight)
    accumulate(self.bias, dbias)
    return None if dx is None else Tensor(dx)
