# why: FLOPs of float64 count twice

# %% linear_cost
#| export
def linear_cost(batch, in_features, out_features, itemsize=4):
    parameters = out_features * in_features + out_features
    flops = 2 * batch * in_features * out_features
    numbers = batch * in_features + parameters + batch * out_features
    return {"parameters": parameters, "flops": flops * itemsize // 4, "bytes": numbers * itemsize}
