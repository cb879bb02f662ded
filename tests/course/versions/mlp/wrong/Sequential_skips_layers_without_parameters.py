# why: backward only through layers that have parameters

# %% Sequential.backward
def backward(self, grad):
    for layer in reversed(self.layers):
        if layer.parameters():
            grad = layer.backward(grad)
    return grad
