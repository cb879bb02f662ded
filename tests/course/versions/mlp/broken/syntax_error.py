# why: a closing bracket is missing

# %% linear_cost
#| export
def linear_cost(batch, in_features, out_features, itemsize=4):
    """What one forward pass of a linear layer costs.

    batch, in_features, out_features: ints
    itemsize: bytes of one number; 4 for float32
    Returns a dict of ints:
        "parameters": how many numbers weight and bias hold together
        "flops": multiplications and additions, 2 * in_features for each number of the result
        "bytes": sizes of x, weight, bias and the result, each counted once

    linear_cost(1, 2, 3) == {"parameters": 9, "flops": 12, "bytes": 56}      (about 4 lines)
    """
    parameters = out_features * in_features + out_features
    flops = 2 * batch * in_features * out_features
    numbers = batch * in_features + parameters + batch * out_features
    return {"parameters": parameters, "flops": flops, "bytes": numbers * itemsize
