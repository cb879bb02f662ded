# why: one row for the whole batch

# %% Flatten
#| export
class Flatten(Module):

    def forward(self, x):
        out = x.reshape(1, -1)
        self.saved = out.data, x.data
        return out

    def backward(self, grad):
        return Tensor(grad.data.reshape(self.saved[1].shape))
