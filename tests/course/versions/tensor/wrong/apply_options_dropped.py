# why: the creator has no options

# %% apply
#| export
listeners = []  # after every operation each one is called as listener(function, inputs, options, out, seconds)
recording = ContextVar("recording", default=True)  # whether results note their creator: each thread has its own switch


def apply(function, *inputs, **options):
    start = time.perf_counter()
    data = function(*(x.data for x in inputs), **options)
    seconds = time.perf_counter() - start
    out = Tensor(data)
    if recording.get() and out.dtype.kind == "f" and any(x.requires_grad for x in inputs):
        out.requires_grad = True
        out.creator = (function, inputs, {})
    for listener in listeners:
        listener(function, inputs, options, out, seconds)
    return out
