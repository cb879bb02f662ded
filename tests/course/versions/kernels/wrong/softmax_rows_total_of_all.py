# why: adds up over the rows

# %% softmax_rows.softmax_rows
@kernel
def softmax_rows(x, out):
    total = np.float32(0)
    for i in range(x.shape[0]):
        top = row_max(x[i])
        for j in range(x.shape[1]):
            e = exp32(x[i, j] - top)
            out[i, j] = e
            total += e
        scale = 1 / total
        for j in range(x.shape[1]):
            out[i, j] *= scale
