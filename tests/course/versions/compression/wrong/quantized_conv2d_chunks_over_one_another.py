# why: writes every chunk to the first samples of the result

# %% quantized_conv2d.quantized_conv2d
def quantized_conv2d(
    x, weight, bias, x_scale, x_zero_point, weight_scale, weight_zero_point, stride=1, padding=0
):
    (n, _, h, w), (o, _, kh, kw) = x.shape, weight.shape
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    out, frame = np.zeros((n, oh, ow, o), x.dtype), (padding, padding)
    q = np.pad(quantize(x, x_scale, x_zero_point), ((0, 0), (0, 0), frame, frame), constant_values=x_zero_point)
    filters = weight.transpose(0, 2, 3, 1).reshape(o, -1)
    for _, rows in column_chunks(q.transpose(0, 2, 3, 1), (kh, kw), stride):
        total = quantized_matmul(rows, filters, x_zero_point, weight_zero_point)
        out[: len(rows) // (oh * ow)] = (total * (x_scale * weight_scale) + bias).reshape(-1, oh, ow, o)
    return out.transpose(0, 3, 1, 2)
