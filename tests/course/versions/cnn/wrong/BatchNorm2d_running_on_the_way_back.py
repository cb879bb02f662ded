# why: on the way back normalises by the running statistics

# %% BatchNorm2d.backward
def backward(self, grad):
    options = {**self.options, "mean": self.running_mean.data, "var": self.running_var.data}
    dx, dweight, dbias = batch_norm_backward(grad.data, *self.saved, **options)
    accumulate(self.weight, dweight)
    accumulate(self.bias, dbias)
    return Tensor(dx)
