# why: written for exactly three layers
# loses: check_Sequential

# %% Sequential
#| export
class Sequential(Module):
    """Layers one after the other.

    layers: Modules, each with `forward` and `backward`

    Sequential(Linear(4, 8), ReLU())(Tensor(np.ones((1, 4)))).shape == (1, 8)      (about 1, 3 and 3 lines)
    """

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        """x: Tensor, what the first layer takes. Returns what the last one gives."""
        first, second, third = self.layers
        return third(second(first(x)))

    def backward(self, grad):
        """grad: Tensor of the result's shape. Returns the gradient of x; the layers' parameters have theirs then."""
        first, second, third = self.layers
        return first.backward(second.backward(third.backward(grad)))
