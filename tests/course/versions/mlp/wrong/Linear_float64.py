# why: start values left in float64
# loses: check_Linear

# %% Linear
#| export
class Linear(Module):
    """A linear layer with its parameters.

    in_features, out_features: ints
    rng: numpy Generator from which the start values are drawn; None for a fresh one
    weight: float32 Tensor (out_features, in_features) with requires_grad=True
    bias: float32 Tensor (out_features,) with requires_grad=True
    Both start uniform between -1/sqrt(in_features) and 1/sqrt(in_features). Set weight first: `parameters()` then lists
    them as [weight, bias].

    Linear(784, 10)(Tensor(np.ones((64, 784)))).shape == (64, 10)      (about 3, 3 and 4 lines)
    Hint: rng.uniform(low, high, shape) draws float64 numbers; .astype(np.float32) makes them half as large.
    """

    def __init__(self, in_features, out_features, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        bound = 1 / np.sqrt(in_features)
        self.weight = Tensor(rng.uniform(-bound, bound, (out_features, in_features)), requires_grad=True)
        self.bias = Tensor(rng.uniform(-bound, bound, out_features), requires_grad=True)

    def forward(self, x):
        """x: Tensor (N, in_features). Carried out by `apply`. Returns a Tensor (N, out_features)."""
        out = apply(linear, x, self.weight, self.bias)
        self.saved = out.data, x.data, self.weight.data, self.bias.data
        return out

    def backward(self, grad):
        """grad: Tensor (N, out_features). Adds to weight.grad and bias.grad; returns dx. All are Tensors.

        Hint: `.grad` is None at first; later the new gradient is added to what is there.
        """
        dx, dweight, dbias = linear_backward(grad.data, *self.saved)
        for parameter, new in [(self.weight, dweight), (self.bias, dbias)]:
            parameter.grad = Tensor(new) if parameter.grad is None else Tensor(parameter.grad.data + new)
        return Tensor(dx)
