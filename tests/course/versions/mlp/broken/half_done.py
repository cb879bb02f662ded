# why: half done

# %% cross_entropy
#| export
def cross_entropy(logits, labels):
    """Mean over the batch of -log(probability of the true class).

    logits: array (N, C)
    labels: int array (N,) of any int dtype, each from 0 to C - 1
    Returns a single number of the logits' dtype (a numpy scalar or 0-d array, not a Python float).

    cross_entropy(np.zeros((4, 10)), np.array([3, 1, 4, 1]))  is  log(10) = 2.302585      (about 2 lines)
    Hint: `table[np.arange(len(labels)), labels]` picks one number from each row.
    """
    raise NotImplementedError()


def cross_entropy_backward(grad, out, logits, labels):
    """Gradient of the mean cross-entropy: (softmax(logits) - one_hot(labels)) / N, times grad.

    grad: a single number (0-d array), gradient with respect to the mean
    out, logits, labels: the mean, and the inputs of `cross_entropy`
    Returns a tuple (dlogits, None), dlogits of the logits' shape and dtype. Labels are no numbers that could be nudged:
    they have no gradient.

    cross_entropy_backward(1.0, 2.3, np.zeros((1, 2)), np.array([1]))[0]  is  [[0.5, -0.5]]      (about 3 lines)
    Hint: softmax is exp of log_softmax; then subtract 1 at the true class of each row.
    """
    raise NotImplementedError()

# %% mlp_gradients
#| export
def mlp_gradients(x, labels, w1, b1, w2, b2):
    """Loss of a two-layer MLP and the gradients of its parameters, by hand: linear, relu, linear, cross_entropy.

    x: array (N, in_features); labels: int array (N,)
    w1, b1: arrays (hidden, in_features) and (hidden,)
    w2, b2: arrays (classes, hidden) and (classes,)
    Returns (loss, [dw1, db1, dw2, db2]).

    mlp_gradients(**tiny)[0]  is about  1.7927  for the tiny MLP of the notebook      (about 9 lines)
    Hint: four lines forward, giving each result a name, then four lines backward that use these names.
    """
    raise NotImplementedError()

# %% Linear
#| export
class Linear(Module):
    """A linear layer with its parameters.

    in_features, out_features: ints
    rng: numpy Generator from which the start values are drawn; None for a fresh one
    weight: float32 Tensor (out_features, in_features) with requires_grad=True
    bias: float32 Tensor (out_features,) with requires_grad=True
    Both start uniform between -1/sqrt(in_features) and 1/sqrt(in_features). Set weight first: `parameters()` then lists
    them as [weight, bias].

    Linear(784, 10)(Tensor(np.ones((64, 784)))).shape == (64, 10)      (about 3, 3 and 4 lines)
    Hint: rng.uniform(low, high, shape) draws float64 numbers; .astype(np.float32) makes them half as large.
    """

    def __init__(self, in_features, out_features, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        raise NotImplementedError()

    def forward(self, x):
        """x: Tensor (N, in_features). Carried out by `apply`. Returns a Tensor (N, out_features)."""
        raise NotImplementedError()

    def backward(self, grad):
        """grad: Tensor (N, out_features). Adds to weight.grad and bias.grad; returns dx. All are Tensors.

        Hint: `.grad` is None at first; later the new gradient is added to what is there.
        """
        raise NotImplementedError()

# %% Sequential
#| export
class Sequential(Module):
    """Layers one after the other.

    layers: Modules, each with `forward` and `backward`

    Sequential(Linear(4, 8), ReLU())(Tensor(np.ones((1, 4)))).shape == (1, 8)      (about 1, 3 and 3 lines)
    """

    def __init__(self, *layers):
        raise NotImplementedError()

    def forward(self, x):
        """x: Tensor, what the first layer takes. Returns what the last one gives."""
        raise NotImplementedError()

    def backward(self, grad):
        """grad: Tensor of the result's shape. Returns the gradient of x; the layers' parameters have theirs then."""
        raise NotImplementedError()

# %% sgd_step
#| export
def sgd_step(parameters, lr):
    """One step of gradient descent, in place: every `p.data` stays the same array and gets new numbers.

    parameters: list of Tensors; those whose grad is None are left alone
    lr: learning rate, a float
    Returns None. dtypes and gradients do not change.

    with p.data [1, 2] and p.grad [10, 0], sgd_step([p], lr=0.1) makes p.data [0, 2]      (about 3 lines)
    """
    raise NotImplementedError()

# %% train_epoch
#| export
def train_epoch(model, loss_fn, images, labels, lr, batch_size, rng):
    """Train `model` once through all samples, in place.

    model: Module; loss_fn: CrossEntropyLoss or alike, `loss_fn(logits, labels)` and `loss_fn.backward()`
    images: array (n, features); labels: int array (n,)
    lr: learning rate; batch_size: int
    rng: numpy Generator, used once, for `minibatches(n, batch_size, rng)`
    Returns the loss of every batch, before its step, as a list of floats.

    len(train_epoch(model, loss_fn, images, labels, 0.1, 32, rng)) == 313  for 10,000 images      (about 8 lines)
    Hint: for each batch forget the old gradients, go forward, remember the loss, go backward, take a step. `.item()` of
    a 0-d Tensor is a float; `images[batch]` picks the samples of a batch.
    """
    raise NotImplementedError()
