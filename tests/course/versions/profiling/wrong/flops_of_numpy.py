# why: gives numpy's ints

# %% flops.operation_flops
def operation_flops(name, shapes, out_shape, options):
    results = np.prod(out_shape, dtype=int)
    if name == "matmul":
        return 2 * shapes[0][-1] * results
    if name in ("linear", "conv2d"):
        return 2 * np.prod(shapes[1][1:], dtype=int) * results
    if name == "max_pool2d":
        return options["kernel_size"] ** 2 * results
    if name in PER_INPUT:
        return PER_INPUT[name] * np.prod(shapes[0], dtype=int)
    return PER_RESULT.get(name, 0) * results
