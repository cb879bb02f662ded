# why: expects exactly four axes

# %% Flatten
#| export
class Flatten(Module):

    def forward(self, x):
        out = x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3])
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        return Tensor(grad.data.reshape(self.saved[1].shape))
