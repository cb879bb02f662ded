# why: turns the filter round

# %% conv2d_winograd.winograd_filters
def winograd_filters(weight):
    (o, c), both = weight.shape[:2], np.kron(G, G).astype(weight.dtype)
    return (both @ weight.transpose(3, 2, 1, 0).reshape(9, c * o)).reshape(4, 4, c, o)
