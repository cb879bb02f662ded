# why: float32, whatever the weights are

# %% conv2d_winograd.winograd_filters
def winograd_filters(weight):
    (o, c), both = weight.shape[:2], np.kron(G, G)
    return (both @ weight.astype(np.float32).transpose(2, 3, 1, 0).reshape(9, c * o)).reshape(4, 4, c, o)
