# why: takes the image to be square

# %% conv2d_cost
#| export
def conv2d_cost(batch, in_channels, out_channels, size, kernel_size, stride=1, padding=0, itemsize=4):
    oh, ow = [output_size(size[0], kernel_size, stride, padding)] * 2
    result = batch * out_channels * oh * ow
    parameters = out_channels * in_channels * kernel_size**2 + out_channels
    flops = 2 * in_channels * kernel_size**2 * result
    numbers = batch * in_channels * size[0] * size[1] + parameters + result
    return {"parameters": parameters, "flops": flops, "bytes": numbers * itemsize}
