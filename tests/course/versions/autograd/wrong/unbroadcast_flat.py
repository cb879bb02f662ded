# why: reshapes so that the shape comes last: right only for new axes
# loses: check_unbroadcast check_mul_backward check_matmul_backward check_backward check_gradcheck

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    return grad.reshape(-1, *shape).sum(axis=0)
