# why: steps without a learning rate

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.data -= p.grad.data
