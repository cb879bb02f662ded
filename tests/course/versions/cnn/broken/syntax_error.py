# why: a closing bracket is missing

# %% conv2d_cost
#| export
def conv2d_cost(batch, in_channels, out_channels, size, kernel_size, stride=1, padding=0, itemsize=4):
    """What one forward pass of a convolution costs.

    batch, in_channels, out_channels: ints
    size: a tuple (H, W) of the image; kernel_size: int, for both axes, as stride and padding are
    itemsize: bytes of one number; 4 for float32
    Returns a dict of ints:
        "parameters": how many numbers weight and bias hold together
        "flops": multiplications and additions, 2 * in_channels * kernel_size**2 for each number of the result
        "bytes": sizes of x, weight, bias and the result, each counted once, zeros of the padding not counted

    conv2d_cost(1, 2, 3, (5, 5), 3)["flops"] == 2 * 2 * 9 * 3 * 9      (about 6 lines)
    """
    oh, ow = (output_size(length, kernel_size, stride, padding) for length in size)
    result = batch * out_channels * oh * ow
    parameters = out_channels * in_channels * kernel_size**2 + out_channels
    flops = 2 * in_channels * kernel_size**2 * result
    numbers = batch * in_channels * size[0] * size[1] + parameters + result
    return {"parameters": parameters, "flops": flops, "bytes": numbers * itemsize
