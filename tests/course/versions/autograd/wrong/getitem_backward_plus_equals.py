# why: += through the index: an entry picked twice gets one gradient

# %% getitem_backward
#| export
def transpose_backward(grad, out, a, axes=None):
    if axes is not None:
        axes = np.argsort([axis % a.ndim for axis in axes])
    return (grad.transpose(axes),)


def getitem_backward(grad, out, a, index):
    da = np.zeros_like(a)
    da[index] += grad
    return (da,)


GRADIENTS[ops.transpose], GRADIENTS[ops.getitem] = transpose_backward, getitem_backward
