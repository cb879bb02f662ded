# why: sets .grad to None after the step
# loses: check_sgd_step

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    """One step of gradient descent, in place: every `p.data` stays the same array and gets new numbers.

    parameters: list of Tensors; those whose grad is None are left alone
    lr: learning rate, a float
    Returns None. dtypes and gradients do not change.

    with p.data [1, 2] and p.grad [10, 0], sgd_step([p], lr=0.1) makes p.data [0, 2]      (about 3 lines)
    """
    for p in parameters:
        if p.grad is not None:
            p.data -= lr * p.grad.data
            p.grad = None
