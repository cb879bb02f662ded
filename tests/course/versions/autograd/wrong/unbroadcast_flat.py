# why: reshapes so that the shape comes last: right only for new axes

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    return grad.reshape(-1, *shape).sum(axis=0)
