# why: ignores the axes given: (1, 2, 0) becomes a reversal

# %% getitem_backward
#| export
def transpose_backward(grad, out, a, axes=None):
    if axes is None:
        return (grad.T,)
    return (grad.reshape(a.shape),)


def getitem_backward(grad, out, a, index):
    da = np.zeros_like(a)
    np.add.at(da, index, grad)
    return (da,)


GRADIENTS[ops.transpose], GRADIENTS[ops.getitem] = transpose_backward, getitem_backward
