# why: transposed: pixels first

# %% Flatten
#| export
class Flatten(Module):

    def forward(self, x):
        out = x.reshape(len(x), x.shape[1], -1).transpose(0, 2, 1).reshape(len(x), -1)
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        return Tensor(grad.data.reshape(self.saved[1].shape))
