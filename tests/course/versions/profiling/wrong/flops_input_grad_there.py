# why: halves a convolution's backward pass whenever input_grad is mentioned, True or False

# %% flops.backward_flops
def backward_flops(name, shapes, out_shape, options):
    forward = operation_flops(name, shapes, out_shape, options)
    if name in ("matmul", "linear") or (name == "conv2d" and "input_grad" not in options):
        return 2 * forward
    return forward
