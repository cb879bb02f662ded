# why: bytes of the weight once for every sample

# %% linear_cost
#| export
def linear_cost(batch, in_features, out_features, itemsize=4):
    parameters = out_features * in_features + out_features
    flops = 2 * batch * in_features * out_features
    numbers = batch * (in_features + parameters) + batch * out_features
    return {"parameters": parameters, "flops": flops, "bytes": numbers * itemsize}
