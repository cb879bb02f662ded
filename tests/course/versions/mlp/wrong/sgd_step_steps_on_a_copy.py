# why: changes a copy

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            data = p.data.copy()
            data -= lr * p.grad.data
