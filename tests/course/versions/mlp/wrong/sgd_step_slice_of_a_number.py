# why: p.data[:] does not work for 0-d parameters

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.data[:] = p.data - lr * p.grad.data
