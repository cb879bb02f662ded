# why: lets no gradient through to x

# %% BatchNorm2d
#| export
class BatchNorm2d(Module):

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.weight = Tensor(np.ones(num_features, np.float32), requires_grad=True)
        self.bias = Tensor(np.zeros(num_features, np.float32), requires_grad=True)
        self.running_mean = Tensor(np.zeros(num_features, np.float32))
        self.running_var = Tensor(np.ones(num_features, np.float32))

    def forward(self, x):
        if self.training:
            mean, var = channel_statistics(x.data)
            n = x.size // len(mean)
            self.running_mean.data += self.momentum * (mean - self.running_mean.data)
            self.running_var.data += self.momentum * (var * (n / (n - 1)) - self.running_var.data)
        else:
            mean, var = self.running_mean.data.copy(), self.running_var.data.copy()
        self.options = {"mean": mean, "var": var, "eps": self.eps, "training": self.training}
        out = apply(batch_norm, x, self.weight, self.bias, **self.options)
        self.saved = out.data, x.data, self.weight.data, self.bias.data
        return out

    def backward(self, grad):
        dx, dweight, dbias = batch_norm_backward(grad.data, *self.saved, **self.options)
        accumulate(self.weight, dweight)
        accumulate(self.bias, dbias)
        return Tensor(dx * 0)
