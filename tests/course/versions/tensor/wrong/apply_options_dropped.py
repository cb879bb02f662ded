# why: the creator has no options
# loses: check_apply

# %% apply
#| export
listeners = []  # after every operation each one is called as listener(function, inputs, options, out, seconds)
recording = True  # whether results note their creator; code that needs no gradients switches it off


def apply(function, *inputs, **options):
    """Carry out `function` on the arrays of `inputs`: the one place where operations happen.

    function: takes arrays and keyword options, returns an array
    inputs: Tensors
    options: keyword arguments for `function` (axis, shape, ...), through which no gradient flows
    Returns a Tensor `out`. If `recording` is on, `out` is floating, and any input requires a gradient, then `out`
    requires one, too, and its creator is the tuple (function, inputs, options).
    Last, all listeners hear of it, in their order, and whether or not it was recorded.

    apply(add, Tensor([1.0]), Tensor([2.0])) gives Tensor([3.0])      (about 7 lines)
    Hint: any(x.requires_grad for x in inputs)
    """
    start = time.perf_counter()
    data = function(*(x.data for x in inputs), **options)
    seconds = time.perf_counter() - start
    out = Tensor(data)
    if recording and out.dtype.kind == "f" and any(x.requires_grad for x in inputs):
        out.requires_grad = True
        out.creator = (function, inputs, {})
    for listener in listeners:
        listener(function, inputs, options, out, seconds)
    return out
