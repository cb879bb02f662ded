# why: reshapes the array, so that no gradient finds its way

# %% MaxPool2d
#| export
class MaxPool2d(Module):

    def __init__(self, kernel_size, stride=None):
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride

    def forward(self, x):
        out = apply(max_pool2d, x, kernel_size=self.kernel_size, stride=self.stride)
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        (dx,) = max_pool2d_backward(grad.data, *self.saved, self.kernel_size, self.stride)
        return Tensor(dx)


class Flatten(Module):

    def forward(self, x):
        out = Tensor(x.data.reshape(len(x), -1))
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        return Tensor(grad.data.reshape(self.saved[1].shape))
