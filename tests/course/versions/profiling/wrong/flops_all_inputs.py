# why: counts the numbers of all inputs of a reduction, the labels, too

# %% flops.operation_flops
def operation_flops(name, shapes, out_shape, options):
    results = math.prod(out_shape)
    if name == "matmul":
        return 2 * shapes[0][-1] * results
    if name in ("linear", "conv2d"):
        return 2 * math.prod(shapes[1][1:]) * results
    if name == "max_pool2d":
        return options["kernel_size"] ** 2 * results
    if name in PER_INPUT:
        return PER_INPUT[name] * sum(math.prod(shape) for shape in shapes)
    return PER_RESULT.get(name, 0) * results
