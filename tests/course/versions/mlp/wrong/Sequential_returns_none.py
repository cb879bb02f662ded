# why: backward returns nothing

# %% Sequential.backward
def backward(self, grad):
    for layer in reversed(self.layers):
        grad = layer.backward(grad)
