# why: goes up instead of down
# loses: check_sgd_step check_train_epoch

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.data += lr * p.grad.data
