# why: forgets the padding where it moves the products

# %% conv2d_kn2row.conv2d_kn2row
def conv2d_kn2row(x, weight, bias, stride=1, padding=0):
    (n, _, h, w), (o, _, kh, kw) = x.shape, weight.shape
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    products = np.pad(pixel_products(x, weight), [(0, 0)] * 4 + [(0, 2 * padding)] * 2)
    out = np.empty((n, o, oh, ow), products.dtype)
    out[...] = bias[:, None, None]
    for a, b in np.ndindex(kh, kw):
        out += products[:, a, b, :, a : a + oh * stride : stride, b : b + ow * stride : stride]
    return out
