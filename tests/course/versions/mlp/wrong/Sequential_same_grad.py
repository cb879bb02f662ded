# why: every layer gets the gradient of the last

# %% Sequential.backward
def backward(self, grad):
    for layer in reversed(self.layers):
        dx = layer.backward(grad)
    return dx
