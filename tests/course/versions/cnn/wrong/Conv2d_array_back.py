# why: returns an array from backward

# %% Conv2d
#| export
class Conv2d(Module):

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        self.stride, self.padding = stride, padding
        bound, shape = (in_channels * kernel_size**2) ** -0.5, (out_channels, in_channels, kernel_size, kernel_size)
        self.weight = Tensor(rng.uniform(-bound, bound, shape).astype(np.float32), requires_grad=True)
        self.bias = Tensor(rng.uniform(-bound, bound, out_channels).astype(np.float32), requires_grad=True)

    def forward(self, x):
        self.options = {"stride": self.stride, "padding": self.padding, "input_grad": x.requires_grad}
        out = apply(conv2d, x, self.weight, self.bias, **self.options)
        self.saved = out.data, x.data, self.weight.data, self.bias.data
        return out

    def backward(self, grad):
        dx, dweight, dbias = conv2d_backward(grad.data, *self.saved, **self.options)
        accumulate(self.weight, dweight)
        accumulate(self.bias, dbias)
        return dx
