# why: takes width for height where it spreads the gradient

# %% conv2d_backward
#| export
def conv2d_backward(grad, out, x, weight, bias, stride=1, padding=0, input_grad=True):
    o, c, kh, kw = weight.shape
    last = np.ascontiguousarray(grad.transpose(0, 2, 3, 1))
    dfilters = np.zeros((kh * kw * c, o), weight.dtype)
    for samples, rows in column_chunks(x.transpose(0, 2, 3, 1), (kh, kw), stride, padding):
        dfilters += rows.T @ last[samples].reshape(-1, o)
    dweight, dx = dfilters.reshape(kh, kw, c, o).transpose(3, 2, 0, 1), None
    if input_grad:
        turned = weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
        dx = conv2d(spread(grad, x.shape[2:], (kw, kh), stride, padding), turned, np.zeros(c, weight.dtype))
    return dx, dweight, channel_sum(grad)
