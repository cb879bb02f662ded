# why: counts a maximum over an axis for each number of its result

# %% flops.operation_flops
def operation_flops(name, shapes, out_shape, options):
    results = math.prod(out_shape)
    if name == "matmul":
        return 2 * shapes[0][-1] * results
    if name in ("linear", "conv2d"):
        return 2 * math.prod(shapes[1][1:]) * results
    if name == "max_pool2d":
        return options["kernel_size"] ** 2 * results
    if name in ("reduce_sum", "cross_entropy", "log_softmax"):
        return PER_INPUT[name] * math.prod(shapes[0])
    return (PER_RESULT | PER_INPUT).get(name, 0) * results
