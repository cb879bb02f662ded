# why: writes the zeros into x
# loses: check_relu

# %% relu
#| export
def relu(x):
    """max(x, 0), number by number.

    x: array of any shape
    Returns a new array of the same shape and dtype.

    relu(np.array([-2.0, 0.0, 3.0]))  is  [0, 0, 3]      (about 1 line)
    """
    x[x < 0] = 0
    return x


def relu_backward(grad, out, x):
    """Gradient of ReLU: grad where x > 0, and 0 elsewhere (at x == 0, too).

    grad, out, x: arrays of the same shape
    Returns a tuple with one array, (dx,): like every backward, one gradient for each input.

    relu_backward(np.array([5.0, 5.0]), np.array([0.0, 3.0]), np.array([-2.0, 3.0]))[0]  is  [0, 5]      (about 1 line)
    """
    return (grad * (x > 0),)
