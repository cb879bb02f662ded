# why: does not expect a gradient of None

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        p.data -= lr * p.grad.data
