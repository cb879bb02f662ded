# why: makes a new array

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.data = p.data - lr * p.grad.data
