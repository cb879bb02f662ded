# why: depth first with iterators on the stack, as textbooks have it; a list of sums for backward

# %% topological_order
#| export
def topological_order(tensor):
    if not tensor.requires_grad:
        return []
    order, seen = [], {tensor}
    stack = [(tensor, iter(tensor.creator[1] if tensor.creator else ()))]
    while stack:
        node, inputs = stack[-1]
        for x in inputs:
            if x.requires_grad and x not in seen:
                seen.add(x)
                stack.append((x, iter(x.creator[1] if x.creator else ())))
                break
        else:
            order.append(node)
            stack.pop()
    return order

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    if grad.shape == tuple(shape):
        return grad
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1 and grad.shape[axis] != 1)
    return grad.sum(axis=stretched, keepdims=True)

# %% backward
#| export
def backward(tensor, grad=None, retain_graph=False):
    order = topological_order(tensor)
    if not order:
        raise RuntimeError("nothing that this tensor was computed from requires a gradient")
    if FREED in [node.creator for node in order]:
        raise RuntimeError("this graph was freed")
    arrived = {node: [] for node in order}
    arrived[tensor].append(first_gradient(tensor, grad))
    while order:
        node = order.pop()
        parts = arrived.pop(node)
        total = sum(parts[1:], start=parts[0]) if parts else None
        if node.creator is None and parts:
            add_gradient(node, total)
        if node.creator is not None:
            [arrived[x].append(g) for x, g in input_gradients(node, total)]
            if not retain_graph:
                node.creator = FREED

# %% getitem_backward
#| export
def transpose_backward(grad, out, a, axes=None):
    if axes is None:
        return (grad.T,)
    return (np.moveaxis(grad, range(a.ndim), axes),)


def getitem_backward(grad, out, a, index):
    places = np.arange(a.size).reshape(a.shape)[index]
    da = np.zeros(a.size, dtype=a.dtype)
    for place, number in zip(np.ravel(places), np.ravel(grad), strict=True):
        da[place] += number
    return (da.reshape(a.shape),)


GRADIENTS[ops.transpose], GRADIENTS[ops.getitem] = transpose_backward, getitem_backward
