# why: written for exactly three layers

# %% Sequential.forward
def forward(self, x):
    first, second, third = self.layers
    return third(second(first(x)))

# %% Sequential.backward
def backward(self, grad):
    first, second, third = self.layers
    return first.backward(second.backward(third.backward(grad)))
