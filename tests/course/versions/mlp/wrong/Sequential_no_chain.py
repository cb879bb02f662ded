# why: every layer gets the input of the first
# loses: check_Sequential check_train_epoch

# %% Sequential
#| export
class Sequential(Module):
    """Layers one after the other.

    layers: Modules, each with `forward` and `backward`

    Sequential(Linear(4, 8), ReLU())(Tensor(np.ones((1, 4)))).shape == (1, 8)      (about 1, 3 and 3 lines)
    """

    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        """x: Tensor, what the first layer takes. Returns what the last one gives."""
        for layer in self.layers:
            out = layer(x)
        return out

    def backward(self, grad):
        """grad: Tensor of the result's shape. Returns the gradient of x; the layers' parameters have theirs then."""
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad
