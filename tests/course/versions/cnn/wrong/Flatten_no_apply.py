# why: reshapes the array, so that no gradient finds its way

# %% Flatten
#| export
class Flatten(Module):

    def forward(self, x):
        out = Tensor(x.data.reshape(len(x), -1))
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        return Tensor(grad.data.reshape(self.saved[1].shape))
