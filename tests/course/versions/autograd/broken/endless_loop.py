# why: never comes back

# %% log_softmax_backward
#| export
def log_softmax_backward(grad, out, x):
    while True:
        pass


GRADIENTS[log_softmax] = log_softmax_backward
