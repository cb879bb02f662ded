# why: wants gradients of all floats

# %% checkpoint
#| export
def rerun():
    """Never called: it stands in the creator of what `checkpoint` returns, and in GRADIENTS."""


def forget_saved(f):
    for module in f.modules() if isinstance(f, Module) else ():
        vars(module).pop("saved", None)


def rerun_backward(grad, out, *arrays, f, wanted):
    leaves = [Tensor(array, requires_grad=want) for array, want in zip(arrays, wanted, strict=True)]
    backward(f(*leaves), grad)
    forget_saved(f)
    return tuple(None if leaf.grad is None else leaf.grad.data for leaf in leaves)


def checkpoint(f, *inputs):
    with no_grad():
        out = f(*inputs).detach()
    if ops.recording.get():
        out.requires_grad = True
        out.creator = (rerun, inputs, {"f": f, "wanted": tuple(x.dtype.kind == "f" for x in inputs)})
    forget_saved(f)
    return out


GRADIENTS[rerun] = rerun_backward
