# why: backward goes through the layers in forward order
# loses: check_Sequential check_train_epoch

# %% Sequential.backward
def backward(self, grad):
    for layer in self.layers:
        grad = layer.backward(grad)
    return grad
