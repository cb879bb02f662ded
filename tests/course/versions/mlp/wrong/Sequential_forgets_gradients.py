# why: backward forgets the old gradients instead of adding to them

# %% Sequential.backward
def backward(self, grad):
    self.zero_grad()
    for layer in reversed(self.layers):
        grad = layer.backward(grad)
    return grad
