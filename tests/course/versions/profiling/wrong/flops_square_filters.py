# why: believes that every filter is square

# %% flops.operation_flops
def operation_flops(name, shapes, out_shape, options):
    results = math.prod(out_shape)
    if name == "matmul":
        return 2 * shapes[0][-1] * results
    if name in ("linear", "conv2d"):
        return 2 * (shapes[1][1] if name == 'linear' else shapes[1][1] * shapes[1][2] ** 2) * results
    if name == "max_pool2d":
        return options["kernel_size"] ** 2 * results
    if name in PER_INPUT:
        return PER_INPUT[name] * math.prod(shapes[0])
    return PER_RESULT.get(name, 0) * results
