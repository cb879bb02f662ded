# why: keeps the rows of all chunks before it multiplies, though each chunk is written over the one before

# %% conv2d
#| export
def conv2d(x, weight, bias, stride=1, padding=0, input_grad=True):
    (n, _, h, w), (o, _, kh, kw) = x.shape, weight.shape
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    chunks = [rows for _, rows in column_chunks(x.transpose(0, 2, 3, 1), (kh, kw), stride, padding)]
    out = np.concatenate(chunks) @ weight.transpose(2, 3, 1, 0).reshape(-1, o) + bias
    return out.reshape(n, oh, ow, o).transpose(0, 3, 1, 2)
