# why: never comes back
# loses: check_log_softmax_backward

# %% log_softmax_backward
#| export
def log_softmax_backward(grad, out, x):
    while True:
        pass


GRADIENTS[log_softmax] = log_softmax_backward
