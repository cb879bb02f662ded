# why: half done

# %% matmul_backward
#| export
def matmul_backward(grad, out, a, b):
    """Gradients of a @ b.

    a, b: arrays that matmul takes: matrices, batches of them (which broadcast), or vectors
    grad, out: arrays of the result's shape
    Returns a tuple (da, db), each of the shape and dtype of its input, None for an input of ints or bools.

    da is  grad @ b.T  and db is  a.T @ grad,  for two matrices      (about 2 lines)
    Hint: of a batch, .T turns the batch axis, too; .swapaxes(-1, -2) turns each matrix. `fit` is called below already.
    """
    if b.ndim == 1:  # a vector is a matrix of one column here, and of one row on the left
        grad, right = grad[..., None], b[:, None]
    else:
        right = b
    if a.ndim == 1:
        grad, left = grad[..., None, :], a[None, :]
    else:
        left = a
    # YOUR CODE HERE
    raise NotImplementedError()
    return fit(da, a), fit(db[..., 0] if b.ndim == 1 else db, b)


GRADIENTS[ops.matmul] = matmul_backward

# %% backward
#| export
def backward(tensor, grad=None, retain_graph=False):
    """Gradients of all leaves that `tensor` was computed from, added to their `.grad`.

    tensor: Tensor that requires a gradient (else RuntimeError)
    grad: its own gradient: Tensor or array of its shape; None for 1, if the tensor is one number (else ValueError)
    retain_graph: False lets go of the graph: the creator of every computed tensor becomes FREED
    Raises RuntimeError that speaks of a freed graph, where a tensor was freed before; no gradient has changed then.

    with x = Tensor([3.0], requires_grad=True), backward(x * x) makes x.grad [6]      (about 11 lines)
    Hint: keep `grads`, a dict from Tensors to arrays: what has come back so far. Take nodes from the end of `order` by
    .pop(), and their gradients out of `grads` by .pop(node, None). A leaf calls `add_gradient` if something came; for
    all others, `input_gradients` says who gets what. Two inputs may get the very same array: add with +, not with +=.
    """
    order = topological_order(tensor)
    if not order:
        raise RuntimeError("nothing that this tensor was computed from requires a gradient")
    # YOUR CODE HERE
    raise NotImplementedError()

# %% gradcheck
#| export
def gradcheck(f, *inputs, eps=1e-6, rtol=1e-6):
    """Compare the gradients that `backward` finds for f's inputs with numeric ones, in float64.

    f: function from Tensors to a Tensor that gives the same when it is called again
    inputs: arrays or Tensors, which stay as they are; ints and bools are passed on, but have no gradient
    eps: half the distance of the two evaluations; rtol: how large a relative error may be
    Returns the largest error of all inputs, as worst_entry measures it: a float.
    Raises ValueError where the error of an input is not at most rtol, with the message "input 1, " (its place among
    the inputs, from 0) followed by the words of worst_entry.

    gradcheck(lambda x: x * x, np.array([1.0, 2.0])) < 1e-6      (about 11 lines)
    Hint: the steps are: leaves, forward, random weights of the result's shape (from a Generator of a fixed seed),
    backward from these weights, then the three helpers above for each input that requires a gradient.
    nan is neither more nor less than anything: ask `not error <= rtol`.
    """
    # YOUR CODE HERE
    raise NotImplementedError()

# %% checkpoint
#| export
def rerun():
    """Never called: it stands in the creator of what `checkpoint` returns, and in GRADIENTS."""


def forget_saved(f):
    """If `f` is a Module: let go of what its layers keep for their own backward, which would fill the memory again."""
    for module in f.modules() if isinstance(f, Module) else ():
        vars(module).pop("saved", None)


def rerun_backward(grad, out, *arrays, f, wanted):
    """Gradients of a checkpoint's inputs: runs `f` once more, with notes, and goes backward through that.

    grad, out: arrays of the result's shape
    arrays: the data of the inputs; f: the function of the checkpoint
    wanted: a bool for each input: whether it requires a gradient
    Returns a tuple with an array for each input; None if it is not wanted, or nothing came back to it. Other Tensors
    that f uses, its parameters, get their gradients as in every backward.      (about 4 lines)
    Hint: f needs fresh leaves, so that nothing reaches the rest of the graph by another way than this tuple.
    """
    # YOUR CODE HERE
    raise NotImplementedError()
    forget_saved(f)
    # YOUR CODE HERE
    raise NotImplementedError()


def checkpoint(f, *inputs):
    """f(*inputs), but nothing is kept of what f computes on the way: backward will compute it again.

    f: function from Tensors to a Tensor, of floats, that gives the same when it is called again; its parameters
        or its inputs require a gradient
    inputs: Tensors
    Returns a Tensor. While recording is on, it requires a gradient, and its creator is
    (rerun, inputs, {"f": f, "wanted": a tuple with requires_grad of each input}).      (about 5 lines)
    """
    # YOUR CODE HERE
    raise NotImplementedError()
    forget_saved(f)
    return out


GRADIENTS[rerun] = rerun_backward
