# why: divides the sum's gradient as for a mean

# %% reduce_max_backward
#| export
def reduce_sum_backward(grad, out, a, axis=None, keepdims=False):
    return (unreduce(grad * (out.size / max(a.size, 1)), a, axis, keepdims),)


def reduce_max_backward(grad, out, a, axis=None, keepdims=False):
    winners = (a == unreduce(out, a, axis, keepdims)).astype(a.dtype)
    share = grad / winners.sum(axis=axis, keepdims=keepdims)
    return (winners * unreduce(share, a, axis, keepdims),)


GRADIENTS[ops.reduce_sum], GRADIENTS[ops.reduce_max] = reduce_sum_backward, reduce_max_backward
