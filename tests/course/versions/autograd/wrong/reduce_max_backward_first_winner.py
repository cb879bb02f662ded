# why: the first winner gets all of it

# %% reduce_max_backward
#| export
def reduce_sum_backward(grad, out, a, axis=None, keepdims=False):
    return (unreduce(grad, a, axis, keepdims),)


def reduce_max_backward(grad, out, a, axis=None, keepdims=False):
    winners = (a == unreduce(out, a, axis, keepdims)).astype(a.dtype)
    if axis is None:
        winners *= np.arange(a.size).reshape(a.shape) == winners.argmax()
    elif isinstance(axis, int):
        winners *= np.cumsum(winners, axis=axis) == 1
    share = grad / winners.sum(axis=axis, keepdims=keepdims)
    return (winners * unreduce(share, a, axis, keepdims),)


GRADIENTS[ops.reduce_sum], GRADIENTS[ops.reduce_max] = reduce_sum_backward, reduce_max_backward
