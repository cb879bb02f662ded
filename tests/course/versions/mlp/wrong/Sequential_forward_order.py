# why: backward goes through the layers in forward order

# %% Sequential.backward
def backward(self, grad):
    for layer in self.layers:
        grad = layer.backward(grad)
    return grad
