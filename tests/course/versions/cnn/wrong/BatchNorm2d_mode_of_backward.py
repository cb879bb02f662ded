# why: asks on the way back whether the layer learns now, not whether it did on the way there

# %% BatchNorm2d.backward
def backward(self, grad):
    options = {**self.options, "training": self.training}
    dx, dweight, dbias = batch_norm_backward(grad.data, *self.saved, **options)
    accumulate(self.weight, dweight)
    accumulate(self.bias, dbias)
    return Tensor(dx)
