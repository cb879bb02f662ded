# why: the filters' axes in the order they are in

# %% conv2d_kn2row.pixel_products
def pixel_products(x, weight):
    (n, c, h, w), (o, _, kh, kw) = x.shape, weight.shape
    filters = weight.reshape(kh * kw * o, c)
    return np.matmul(filters, x.reshape(n, c, h * w)).reshape(n, kh, kw, o, h, w)
