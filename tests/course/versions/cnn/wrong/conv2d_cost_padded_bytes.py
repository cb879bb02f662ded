# why: counts the zeros of the padding as bytes of x

# %% conv2d_cost
#| export
def conv2d_cost(batch, in_channels, out_channels, size, kernel_size, stride=1, padding=0, itemsize=4):
    oh, ow = (output_size(length, kernel_size, stride, padding) for length in size)
    result = batch * out_channels * oh * ow
    parameters = out_channels * in_channels * kernel_size**2 + out_channels
    flops = 2 * in_channels * kernel_size**2 * result
    numbers = batch * in_channels * (size[0] + 2 * padding) * (size[1] + 2 * padding) + parameters + result
    return {"parameters": parameters, "flops": flops, "bytes": numbers * itemsize}
