# why: every pixel of a window gets its gradient

# %% max_pool2d
#| export
def max_pool2d(x, kernel_size, stride):
    patches = windows(x.transpose(0, 2, 3, 1), (kernel_size, kernel_size), stride)
    out = patches[:, :, :, 0, 0].copy()
    for a, b in np.ndindex(kernel_size, kernel_size):
        np.maximum(out, patches[:, :, :, a, b], out=out)
    return out.transpose(0, 3, 1, 2)


def max_pool2d_backward(grad, out, x, kernel_size, stride):
    dx, looking = np.zeros_like(x), np.ones_like(out, bool)
    oh, ow = out.shape[2:]
    for a, b in np.ndindex(kernel_size, kernel_size):
        here = np.s_[:, :, a : a + oh * stride : stride, b : b + ow * stride : stride]
        found = looking.copy()
        dx[here] += grad * found
    return (dx,)
