# why: pads the gradient as if the stride were 1, and so only fails for other strides

# %% conv2d_backward
#| export
def conv2d_backward(grad, out, x, weight, bias, stride=1, padding=0, input_grad=True):
    o, c, kh, kw = weight.shape
    last = np.ascontiguousarray(grad.transpose(0, 2, 3, 1))
    dfilters, dx = np.zeros((kh, kw, c, o), weight.dtype), None
    for place, taps, rows in patch_chunks(x.transpose(0, 2, 3, 1), (kh, kw), stride, padding):
        part = dfilters[taps]
        part += apply_gradients(rows, last[place]).reshape(part.shape)
    if input_grad:
        wide = spread(grad, x.shape[2:], (kh, kw), stride, padding if stride == 1 else 0)
        turned = weight.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
        dx = conv2d(wide, turned, np.zeros(c, weight.dtype))
    return dx, dfilters.transpose(3, 2, 0, 1), channel_sum(grad)
