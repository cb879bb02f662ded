# why: takes the whole filter where padding was left out

# %% conv2d
#| export
@replaceable
def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    refuse_other_channels(x, weight.shape[1])
    (n, _, h, w), (o, _, kh, kw) = x.shape, weight.shape
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    out = np.empty((n, oh, ow, o), np.result_type(x, weight))
    filters = np.ascontiguousarray(weight.transpose(2, 3, 1, 0))
    for place, taps, rows in patch_chunks(x.transpose(0, 2, 3, 1), (kh, kw), stride, padding):
        apply_filters(rows, filters.reshape(-1, o), bias, out[place])
    return out.transpose(0, 3, 1, 2)
