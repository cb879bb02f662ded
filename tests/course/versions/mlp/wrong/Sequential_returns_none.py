# why: backward returns nothing
# loses: check_Sequential

# %% Sequential.backward
def backward(self, grad):
    for layer in reversed(self.layers):
        grad = layer.backward(grad)
