# why: takes the first axis of the second matrix for the one that is added up, also in a batch

# %% flops.operation_flops
def operation_flops(name, shapes, out_shape, options):
    results = math.prod(out_shape)
    if name == "matmul":
        return 2 * shapes[1][0] * results
    if name in ("linear", "conv2d"):
        return 2 * math.prod(shapes[1][1:]) * results
    if name == "max_pool2d":
        return options["kernel_size"] ** 2 * results
    if name in PER_INPUT:
        return PER_INPUT[name] * math.prod(shapes[0])
    return PER_RESULT.get(name, 0) * results
