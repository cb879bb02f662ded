# why: asks before it computes; checks inputs one by one; other random weights

# %% mul_backward
#| export
def mul_backward(grad, out, a, b):
    da = None if a.dtype.kind != "f" else unbroadcast(grad * b, a.shape).astype(a.dtype)
    db = None if b.dtype.kind != "f" else unbroadcast(grad * a, b.shape).astype(b.dtype)
    return (da, db)


def div_backward(grad, out, a, b):
    return fit(grad / b, a), fit(-(grad * a) / (b * b), b)


GRADIENTS[ops.mul], GRADIENTS[ops.div] = mul_backward, div_backward

# %% reduce_max_backward
#| export
def reduce_sum_backward(grad, out, a, axis=None, keepdims=False):
    kept = np.reshape(grad, np.sum(a, axis=axis, keepdims=True).shape)
    return (np.broadcast_to(kept, a.shape).copy(),)


def reduce_max_backward(grad, out, a, axis=None, keepdims=False):
    mask = a == np.max(a, axis=axis, keepdims=True)
    mask = mask / mask.sum(axis=axis, keepdims=True)
    return ((mask * unreduce(grad, a, axis, keepdims)).astype(a.dtype),)


GRADIENTS[ops.reduce_sum], GRADIENTS[ops.reduce_max] = reduce_sum_backward, reduce_max_backward

# %% gradcheck
#| export
def gradcheck(f, *inputs, eps=1e-6, rtol=1e-6):
    tensors = float64_leaves(inputs)
    out = f(*tensors)
    weights = np.random.default_rng(99).standard_normal(out.shape)
    out.requires_grad and backward(out, weights)
    if not out.requires_grad:
        raise RuntimeError("nothing to check: the result requires no gradient")
    found = [(0.0, "", 0)]
    for i, x in enumerate(tensors):
        if x.requires_grad:
            found.append((*worst_entry(x.grad, numeric_input_gradient(f, tensors, i, weights, eps)), i))
    for error, words, i in found:
        if np.isnan(error) or error > rtol:
            raise ValueError(f"input {i}, {words}")
    return max(error for error, _, _ in found)

# %% no_grad
#| export
@contextmanager
def no_grad():
    kept = ops.recording.get()
    ops.recording.set(False)
    try:
        yield
    except BaseException:
        ops.recording.set(kept)
        raise
    ops.recording.set(kept)
