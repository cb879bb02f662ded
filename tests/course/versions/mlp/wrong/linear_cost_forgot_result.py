# why: bytes without those of the result

# %% linear_cost
#| export
def linear_cost(batch, in_features, out_features, itemsize=4):
    parameters = out_features * in_features + out_features
    flops = 2 * batch * in_features * out_features
    numbers = batch * in_features + parameters
    return {"parameters": parameters, "flops": flops, "bytes": numbers * itemsize}
