# why: turns its own list around in backward
# loses: check_Sequential check_train_epoch

# %% Sequential.backward
def backward(self, grad):
    self.layers.reverse()
    for layer in self.layers:
        grad = layer.backward(grad)
    return grad
