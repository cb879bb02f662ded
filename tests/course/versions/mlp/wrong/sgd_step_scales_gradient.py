# why: multiplies the gradient with lr in place

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.grad.data *= lr
            p.data -= p.grad.data
