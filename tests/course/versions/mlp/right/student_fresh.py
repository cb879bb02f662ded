# why: my own first solution

# %% linear
#| export
def linear(x, weight, bias):
    """A linear layer: weighted sums of the inputs, plus a bias.

    x: array (N, in_features)
    weight: array (out_features, in_features)
    bias: array (out_features,)
    Returns an array (N, out_features), of the inputs' dtype.
    Raises ValueError when in_features differ (numpy's matrix product does that for you).

    linear(np.ones((64, 784)), np.zeros((10, 784)), np.ones(10)).shape == (64, 10)      (about 1 line)
    Hint: `.T` turns a matrix, `@` multiplies two; the bias broadcasts.
    """
    return x @ weight.T + bias

# %% linear_cost
#| export
def linear_cost(batch, in_features, out_features, itemsize=4):
    """What one forward pass of a linear layer costs.

    batch, in_features, out_features: ints
    itemsize: bytes of one number; 4 for float32
    Returns a dict of ints:
        "parameters": how many numbers weight and bias hold together
        "flops": multiplications and additions, 2 * in_features for each number of the result
        "bytes": sizes of x, weight, bias and the result, each counted once

    linear_cost(1, 2, 3) == {"parameters": 9, "flops": 12, "bytes": 56}      (about 4 lines)
    """
    parameters = out_features * in_features + out_features
    result = batch * out_features
    numbers = batch * in_features + parameters + result
    return {"parameters": parameters, "flops": 2 * in_features * result, "bytes": numbers * itemsize}

# %% numeric_gradient
#| export
def numeric_gradient(f, x, eps=1e-6):
    """Gradient of `f` at `x` by central differences: (f(x + eps) - f(x - eps)) / (2 eps), one number of x at a time.

    f: function from an array to a single number
    x: array (or number) of any shape and dtype; it is not changed
    eps: half the distance between the two evaluations
    Returns a float64 array of x's shape.

    numeric_gradient(lambda a: (a ** 2).sum(), np.array([1.0, 3.0]))  is close to  [2, 6]      (about 10 lines)
    Hint: work on a float64 copy of x, `np.array(x, dtype=np.float64)`. `for index in np.ndindex(x.shape)` visits
    every number, also of a 0-d array. Put the number back before you go to the next.
    """
    x = np.array(x, dtype=np.float64)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        up = f(x)
        x[index] = kept - eps
        down = f(x)
        x[index] = kept
        result[index] = (up - down) / (2 * eps)
    return result

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    """Gradients of a linear layer's inputs.

    grad: array (N, out_features), gradient of the loss with respect to the layer's result
    out: array (N, out_features), that result
    x, weight, bias: as for `linear`
    Returns a tuple (dx, dweight, dbias), each of the shape of its input.

    linear_backward(grad, out, x, weight, bias)[1].shape == weight.shape      (about 4 lines)
    Hint: each weight and each bias had a part in every sample, so their gradients are sums over the batch. A matrix
    product whose inner axis is the batch already sums over it.
    """
    dx = grad @ weight
    dweight = grad.T @ x
    dbias = grad.sum(axis=0)
    return dx, dweight, dbias

# %% relu
#| export
def relu(x):
    """max(x, 0), number by number.

    x: array of any shape
    Returns a new array of the same shape and dtype.

    relu(np.array([-2.0, 0.0, 3.0]))  is  [0, 0, 3]      (about 1 line)
    """
    return np.maximum(x, 0)


def relu_backward(grad, out, x):
    """Gradient of ReLU: grad where x > 0, and 0 elsewhere (at x == 0, too).

    grad, out, x: arrays of the same shape
    Returns a tuple with one array, (dx,): like every backward, one gradient for each input.

    relu_backward(np.array([5.0, 5.0]), np.array([0.0, 3.0]), np.array([-2.0, 3.0]))[0]  is  [0, 5]      (about 1 line)
    """
    return (grad * (x > 0),)

# %% sigmoid
#| export
def sigmoid(x):
    """1 / (1 + exp(-x)), number by number, without overflow.

    x: float array of any shape, its numbers may be as large as 1000 or as small as -1000
    Returns a new array of the same shape and dtype.

    sigmoid(np.array([-1000.0, 0.0, 1000.0]))  is  [0, 0.5, 1]      (about 2 lines)
    Hint: np.exp(-np.abs(x)), then np.where.
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_backward(grad, out, x):
    """Gradient of the sigmoid, whose slope at x is sigmoid(x) * (1 - sigmoid(x)).

    grad, out, x: arrays of the same shape; out is sigmoid(x)
    Returns a tuple with one array, (dx,).

    sigmoid_backward(np.array([8.0]), np.array([0.5]), np.array([0.0]))[0]  is  [2]      (about 1 line)
    Hint: `out` is already there; no exp is needed.
    """
    return (grad * out * (1 - out),)

# %% log_softmax
#| export
def log_softmax(x):
    """log(exp(x) / sum(exp(x))) along each row, without overflow.

    x: array (N, C), a row of logits for each sample
    Returns an array of the same shape and dtype; exp of it sums to 1 in each row.

    log_softmax(np.array([[1000.0, 1000.0]]))  is  [[-log(2), -log(2)]]      (about 2 lines)
    Hint: subtract each row's own maximum; keepdims=True keeps the shapes ready to broadcast.
    """
    x = x - x.max(axis=1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))

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
    picked = log_softmax(logits)[np.arange(len(labels)), labels]
    return -picked.mean()


def cross_entropy_backward(grad, out, logits, labels):
    """Gradient of the mean cross-entropy: (softmax(logits) - one_hot(labels)) / N, times grad.

    grad: a single number (0-d array), gradient with respect to the mean
    out, logits, labels: the mean, and the inputs of `cross_entropy`
    Returns a tuple (dlogits, None), dlogits of the logits' shape and dtype. Labels are no numbers that could be nudged:
    they have no gradient.

    cross_entropy_backward(1.0, 2.3, np.zeros((1, 2)), np.array([1]))[0]  is  [[0.5, -0.5]]      (about 3 lines)
    Hint: softmax is exp of log_softmax; then subtract 1 at the true class of each row.
    """
    dlogits = np.exp(log_softmax(logits))
    dlogits[np.arange(len(labels)), labels] -= 1
    return dlogits * (grad / len(labels)), None

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
    a = linear(x, w1, b1)
    h = relu(a)
    logits = linear(h, w2, b2)
    loss = cross_entropy(logits, labels)
    dlogits, _ = cross_entropy_backward(1.0, loss, logits, labels)
    dh, dw2, db2 = linear_backward(dlogits, logits, h, w2, b2)
    (da,) = relu_backward(dh, h, a)
    _, dw1, db1 = linear_backward(da, a, x, w1, b1)
    return loss, [dw1, db1, dw2, db2]

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
        bound = 1 / np.sqrt(in_features)
        self.weight = Tensor(rng.uniform(-bound, bound, (out_features, in_features)).astype(np.float32), requires_grad=True)
        self.bias = Tensor(rng.uniform(-bound, bound, out_features).astype(np.float32), requires_grad=True)

    def forward(self, x):
        """x: Tensor (N, in_features). Carried out by `apply`. Returns a Tensor (N, out_features)."""
        out = apply(linear, x, self.weight, self.bias)
        self.saved = out.data, x.data, self.weight.data, self.bias.data
        return out

    def backward(self, grad):
        """grad: Tensor (N, out_features). Adds to weight.grad and bias.grad; returns dx. All are Tensors.

        Hint: `.grad` is None at first; later the new gradient is added to what is there.
        """
        dx, dweight, dbias = linear_backward(grad.data, *self.saved)
        for parameter, new in [(self.weight, dweight), (self.bias, dbias)]:
            parameter.grad = Tensor(new) if parameter.grad is None else Tensor(parameter.grad.data + new)
        return Tensor(dx)

# %% Sequential
#| export
class Sequential(Module):
    """Layers one after the other.

    layers: Modules, each with `forward` and `backward`

    Sequential(Linear(4, 8), ReLU())(Tensor(np.ones((1, 4)))).shape == (1, 8)      (about 1, 3 and 3 lines)
    """

    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        """x: Tensor, what the first layer takes. Returns what the last one gives."""
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        """grad: Tensor of the result's shape. Returns the gradient of x; the layers' parameters have theirs then."""
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

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
    losses = []
    for batch in minibatches(len(images), batch_size, rng):
        model.zero_grad()
        loss = loss_fn(model(Tensor(images[batch])), labels[batch])
        losses.append(loss.item())
        model.backward(loss_fn.backward())
        sgd_step(model.parameters(), lr)
    return losses
