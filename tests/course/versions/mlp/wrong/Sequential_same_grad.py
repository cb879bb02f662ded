# why: every layer gets the gradient of the last
# loses: check_Sequential check_train_epoch

# %% Sequential.backward
def backward(self, grad):
    for layer in reversed(self.layers):
        dx = layer.backward(grad)
    return dx
