# why: does not expect a gradient of None
# loses: check_sgd_step

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        p.data -= lr * p.grad.data
