# why: computes in float64

# %% conv2d
#| export
def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    (n, _, h, w), (o, _, kh, kw) = x.shape, weight.shape
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    out = np.empty((n, oh, ow, o), np.float64)
    filters, biases = weight.transpose(2, 3, 1, 0).reshape(-1, o), np.tile(bias, oh * ow)
    for samples, rows in column_chunks(x.transpose(0, 2, 3, 1), (kh, kw), stride, padding):
        result = out[samples].reshape(-1, o)  # a view: what is written to it is in `out`
        np.matmul(rows, filters, out=result)
        whole = result.reshape(-1, oh * ow * o)
        whole += biases  # the same as `result += bias`, but adding a few long rows is faster than many short ones
    return out.transpose(0, 3, 1, 2)
