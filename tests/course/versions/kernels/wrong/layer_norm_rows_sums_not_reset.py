# why: one mean for all rows so far

# %% layer_norm_rows.layer_norm_rows
@kernel
def layer_norm_rows(x, weight, bias, eps, out):
    n = x.shape[1]
    total = squares = x.dtype.type(0)
    for i in range(x.shape[0]):
        for j in range(n):
            total += x[i, j]
        mean = x.dtype.type(total / n)
        for j in range(n):
            squares += (x[i, j] - mean) * (x[i, j] - mean)
        scale = x.dtype.type(1 / np.sqrt(squares / n + eps))
        for j in range(n):
            out[i, j] = (x[i, j] - mean) * scale * weight[j] + bias[j]
