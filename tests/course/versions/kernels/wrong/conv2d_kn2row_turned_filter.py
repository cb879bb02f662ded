# why: moves the wrong way: a convolution as mathematicians have it

# %% conv2d_kn2row.conv2d_kn2row
def conv2d_kn2row(x, weight, bias, stride=1, padding=0):
    (n, _, h, w), (o, _, kh, kw) = x.shape, weight.shape
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    products = pixel_products(np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding))), weight)
    out = np.empty((n, o, oh, ow), products.dtype)
    out[...] = bias[:, None, None]
    for a, b in np.ndindex(kh, kw):
        out += products[:, kh - 1 - a, kw - 1 - b, :, a : a + oh * stride : stride, b : b + ow * stride : stride]
    return out
