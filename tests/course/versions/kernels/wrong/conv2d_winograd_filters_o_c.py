# why: axes O and C in the order they had

# %% conv2d_winograd.winograd_filters
def winograd_filters(weight):
    (o, c), both = weight.shape[:2], np.kron(G, G).astype(weight.dtype)
    return (both @ weight.transpose(2, 3, 0, 1).reshape(9, c * o)).reshape(4, 4, o, c)
