# why: a whole solution in another hand: dicts instead of sets, einsum, loops, no early returns

# %% topological_order
#| export
def topological_order(tensor):
    done, order = {}, []
    stack = [tensor] if tensor.requires_grad else []
    while stack:
        node = stack[-1]
        inputs = node.creator[1] if node.creator else ()
        waiting = [x for x in inputs if x.requires_grad and id(x) not in done]
        if id(node) in done:
            stack.pop()
        elif waiting:
            stack.extend(waiting)
        else:
            done[id(node)] = node
            order.append(stack.pop())
    return order

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad

# %% mul_backward
#| export
def mul_backward(grad, out, a, b):
    da = fit(np.multiply(grad, b), a)
    db = fit(np.multiply(grad, a), b)
    return da, db


def div_backward(grad, out, a, b):
    return fit(grad * (1 / b), a), fit(grad * (-a / b**2), b)


GRADIENTS[ops.mul], GRADIENTS[ops.div] = mul_backward, div_backward

# %% matmul_backward
#| export
def matmul_backward(grad, out, a, b):
    if b.ndim == 1:
        grad, right = grad[..., None], b[:, None]
    else:
        right = b
    if a.ndim == 1:
        grad, left = grad[..., None, :], a[None, :]
    else:
        left = a
    da = np.einsum("...nm,...km->...nk", grad, right)
    db = np.einsum("...nk,...nm->...km", left, grad)
    return fit(da, a), fit(db[..., 0] if b.ndim == 1 else db, b)


GRADIENTS[ops.matmul] = matmul_backward

# %% reduce_max_backward
#| export
def reduce_sum_backward(grad, out, a, axis=None, keepdims=False):
    return (np.zeros_like(a) + unreduce(grad, a, axis, keepdims),)


def reduce_max_backward(grad, out, a, axis=None, keepdims=False):
    largest = unreduce(out, a, axis, keepdims)
    winners = np.where(a == largest, np.ones_like(a), np.zeros_like(a))
    count = unreduce(np.sum(winners, axis=axis, keepdims=keepdims), a, axis, keepdims)
    return (unreduce(grad, a, axis, keepdims) * winners / count,)


GRADIENTS[ops.reduce_sum], GRADIENTS[ops.reduce_max] = reduce_sum_backward, reduce_max_backward

# %% getitem_backward
#| export
def transpose_backward(grad, out, a, axes=None):
    if axes is None:
        return (np.transpose(grad),)
    back = [0] * a.ndim
    for place, axis in enumerate(axes):
        back[axis] = place
    return (np.transpose(grad, back),)


def getitem_backward(grad, out, a, index):
    numbers = np.arange(a.size).reshape(a.shape)[index]
    total = np.bincount(np.ravel(numbers), weights=np.ravel(grad), minlength=a.size)
    return (total.reshape(a.shape).astype(a.dtype),)


GRADIENTS[ops.transpose], GRADIENTS[ops.getitem] = transpose_backward, getitem_backward

# %% log_softmax_backward
#| export
def log_softmax_backward(grad, out, x):
    total = np.sum(grad, axis=-1, keepdims=True)
    return (grad - total * np.exp(out),)


GRADIENTS[log_softmax] = log_softmax_backward

# %% backward
#| export
def backward(tensor, grad=None, retain_graph=False):
    order = topological_order(tensor)
    if not order:
        raise RuntimeError("nothing that this tensor was computed from requires a gradient")
    for node in order:
        if node.creator is FREED:
            raise RuntimeError("a part of this graph was freed already")
    grads = {id(tensor): first_gradient(tensor, grad)}
    while order:
        node = order.pop()
        came = grads.pop(id(node), None)
        if node.creator is None:
            if came is not None:
                add_gradient(node, came)
            continue
        for x, share in input_gradients(node, came):
            grads[id(x)] = share + grads.get(id(x), 0)
        x = None
        if not retain_graph:
            node.creator = FREED

# %% gradcheck
#| export
def gradcheck(f, *inputs, eps=1e-6, rtol=1e-6):
    leaves = float64_leaves(inputs)
    result = f(*leaves)
    weights = np.random.default_rng(123).uniform(0.5, 1.5, result.shape)
    backward(result, Tensor(weights))
    errors = [0.0]
    for place in range(len(leaves)):
        if not leaves[place].requires_grad:
            continue
        numeric = numeric_input_gradient(f, leaves, place, weights, eps)
        error, words = worst_entry(leaves[place].grad, numeric)
        if error <= rtol:
            errors.append(error)
        else:
            raise ValueError("input " + str(place) + ", " + words)
    return max(errors)

# %% no_grad
#| export
class no_grad:
    def __enter__(self):
        self.before = ops.recording.get()
        ops.recording.set(False)

    def __exit__(self, *error):
        ops.recording.set(self.before)

# %% checkpoint
#| export
def rerun():
    pass


def forget_saved(f):
    for module in f.modules() if isinstance(f, Module) else ():
        vars(module).pop("saved", None)


def rerun_backward(grad, out, *arrays, f, wanted):
    leaves = []
    for array, want in zip(arrays, wanted, strict=True):
        leaf = Tensor(array)
        leaf.requires_grad = want
        leaves.append(leaf)
    again = f(*leaves)
    backward(again, Tensor(grad))
    forget_saved(f)
    found = []
    for leaf in leaves:
        found.append(leaf.grad.data if leaf.grad is not None else None)
    return tuple(found)


def checkpoint(f, *inputs):
    with no_grad():
        out = Tensor(f(*inputs).data)
    if ops.recording.get():
        wanted = tuple([x.requires_grad for x in inputs])
        out.requires_grad = True
        out.creator = rerun, inputs, dict(f=f, wanted=wanted)
    forget_saved(f)
    return out


GRADIENTS[rerun] = rerun_backward
