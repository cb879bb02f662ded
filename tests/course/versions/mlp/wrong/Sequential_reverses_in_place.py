# why: turns its own list around in backward

# %% Sequential.backward
def backward(self, grad):
    self.layers.reverse()
    for layer in self.layers:
        grad = layer.backward(grad)
    return grad
