# why: sets .grad to None after the step

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.data -= lr * p.grad.data
            p.grad = None
