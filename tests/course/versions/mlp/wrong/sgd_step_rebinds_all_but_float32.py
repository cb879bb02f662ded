# why: in place for float32 only, else a new float32 array

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.data = p.data.astype(np.float32, copy=False)
            p.data -= lr * p.grad.data
