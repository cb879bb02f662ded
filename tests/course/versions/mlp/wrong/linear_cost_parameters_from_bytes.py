# why: parameters by way of their bytes, divided by 4 whatever itemsize is

# %% linear_cost
#| export
def linear_cost(batch, in_features, out_features, itemsize=4):
    parameters = out_features * in_features + out_features
    flops = 2 * batch * in_features * out_features
    numbers = batch * in_features + parameters + batch * out_features
    nbytes = parameters * itemsize
    return {"parameters": nbytes // 4, "flops": flops, "bytes": numbers * itemsize}
