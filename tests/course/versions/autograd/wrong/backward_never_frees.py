# why: keeps the graph and refuses nothing

# %% backward
#| export
def backward(tensor, grad=None, retain_graph=False):
    order = topological_order(tensor)
    if not order:
        raise RuntimeError("nothing that this tensor was computed from requires a gradient")
    if any(node.creator is FREED for node in order):
        raise RuntimeError("this graph was freed by an earlier backward: compute it again, or use retain_graph=True")
    grads = {tensor: first_gradient(tensor, grad)}
    while order:
        node = order.pop()
        grad = grads.pop(node, None)
        if node.creator is not None:
            for x, part in input_gradients(node, grad):
                grads[x] = grads[x] + part if x in grads else part
        elif grad is not None:
            add_gradient(node, grad)
