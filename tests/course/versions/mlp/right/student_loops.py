# why: plain loops and einsum, in place on buffers of its own

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
    if x.shape[1] != weight.shape[1]:
        raise ValueError(f"x has {x.shape[1]} features, weight wants {weight.shape[1]}")
    out = np.einsum("ni,oi->no", x, weight, optimize=True)
    out += bias
    return out

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
    cost = {"parameters": 0, "flops": 0, "bytes": 0}
    for shape in [(out_features, in_features), (out_features,)]:
        size = 1
        for n in shape:
            size *= n
        cost["parameters"] += size
    for _ in range(batch):
        for _ in range(out_features):
            cost["flops"] += in_features + in_features
    for size in (batch * in_features, cost["parameters"], batch * out_features):
        cost["bytes"] += size * itemsize
    return cost

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
    x = np.array(x, dtype=np.float64, order="C")
    flat = x.reshape(-1)
    result = []
    for i in range(flat.size):
        old = flat[i]
        flat[i] = old + eps
        plus = float(f(x.copy()))
        flat[i] = old - eps
        minus = float(f(x.copy()))
        flat[i] = old
        result.append((plus - minus) / 2 / eps)
    return np.array(result, dtype=np.float64).reshape(x.shape)

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
    dx = np.einsum("no,oi->ni", grad, weight, optimize=True)
    dweight = np.einsum("no,ni->oi", grad, x, optimize=True)
    dbias = np.zeros_like(bias)
    for row in grad:
        dbias += row
    return dx, dweight, dbias

# %% relu
#| export
def relu(x):
    """max(x, 0), number by number.

    x: array of any shape
    Returns a new array of the same shape and dtype.

    relu(np.array([-2.0, 0.0, 3.0]))  is  [0, 0, 3]      (about 1 line)
    """
    out = x.copy()
    out[out < 0] = 0
    return out


def relu_backward(grad, out, x):
    """Gradient of ReLU: grad where x > 0, and 0 elsewhere (at x == 0, too).

    grad, out, x: arrays of the same shape
    Returns a tuple with one array, (dx,): like every backward, one gradient for each input.

    relu_backward(np.array([5.0, 5.0]), np.array([0.0, 3.0]), np.array([-2.0, 3.0]))[0]  is  [0, 5]      (about 1 line)
    """
    dx = grad.copy()
    dx[x <= 0] = 0
    return (dx,)

# %% sigmoid
#| export
def sigmoid(x):
    """1 / (1 + exp(-x)), number by number, without overflow.

    x: float array of any shape, its numbers may be as large as 1000 or as small as -1000
    Returns a new array of the same shape and dtype.

    sigmoid(np.array([-1000.0, 0.0, 1000.0]))  is  [0, 0.5, 1]      (about 2 lines)
    Hint: np.exp(-np.abs(x)), then np.where.
    """
    out = np.empty_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    small = np.exp(x[~positive])
    out[~positive] = small / (1 + small)
    return out


def sigmoid_backward(grad, out, x):
    """Gradient of the sigmoid, whose slope at x is sigmoid(x) * (1 - sigmoid(x)).

    grad, out, x: arrays of the same shape; out is sigmoid(x)
    Returns a tuple with one array, (dx,).

    sigmoid_backward(np.array([8.0]), np.array([0.5]), np.array([0.0]))[0]  is  [2]      (about 1 line)
    Hint: `out` is already there; no exp is needed.
    """
    dx = out - out**2
    dx *= grad
    return (dx,)

# %% log_softmax
#| export
def log_softmax(x):
    """log(exp(x) / sum(exp(x))) along each row, without overflow.

    x: array (N, C), a row of logits for each sample
    Returns an array of the same shape and dtype; exp of it sums to 1 in each row.

    log_softmax(np.array([[1000.0, 1000.0]]))  is  [[-log(2), -log(2)]]      (about 2 lines)
    Hint: subtract each row's own maximum; keepdims=True keeps the shapes ready to broadcast.
    """
    out = np.empty_like(x)
    for i, row in enumerate(x):
        out[i] = row - row.max()
        out[i] -= np.log(np.exp(out[i]).sum())
    return out

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
    total = logits.dtype.type(0)
    table = log_softmax(logits)
    for i in range(len(labels)):
        total -= table[i, labels[i]]
    return total / logits.dtype.type(len(labels))


def cross_entropy_backward(grad, out, logits, labels):
    """Gradient of the mean cross-entropy: (softmax(logits) - one_hot(labels)) / N, times grad.

    grad: a single number (0-d array), gradient with respect to the mean
    out, logits, labels: the mean, and the inputs of `cross_entropy`
    Returns a tuple (dlogits, None), dlogits of the logits' shape and dtype. Labels are no numbers that could be nudged:
    they have no gradient.

    cross_entropy_backward(1.0, 2.3, np.zeros((1, 2)), np.array([1]))[0]  is  [[0.5, -0.5]]      (about 3 lines)
    Hint: softmax is exp of log_softmax; then subtract 1 at the true class of each row.
    """
    dlogits = log_softmax(logits)
    np.exp(dlogits, out=dlogits)
    for i in range(len(labels)):
        dlogits[i, labels[i]] -= 1
    dlogits *= grad
    dlogits /= len(labels)
    return dlogits, None

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
    inputs1 = (x, w1, b1)
    before = linear(*inputs1)
    inputs2 = (relu(before), w2, b2)
    logits = linear(*inputs2)
    loss = cross_entropy(logits, labels)
    grad = cross_entropy_backward(np.array(1.0), loss, logits, labels)[0]
    grad, dw2, db2 = linear_backward(grad, logits, *inputs2)
    grad = relu_backward(grad, inputs2[0], before)[0]
    gradients = list(linear_backward(grad, before, *inputs1))[1:]
    gradients.extend([dw2, db2])
    return loss, gradients

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
        self.in_features, self.out_features = in_features, out_features
        bound = in_features**-0.5
        weight = rng.uniform(low=-bound, high=bound, size=(out_features, in_features))
        bias = rng.uniform(low=-bound, high=bound, size=(out_features,))
        self.weight = Tensor(weight, dtype=np.float32, requires_grad=True)
        self.bias = Tensor(bias, dtype=np.float32, requires_grad=True)

    def forward(self, x):
        """x: Tensor (N, in_features). Carried out by `apply`. Returns a Tensor (N, out_features)."""
        self.x = x
        self.out = apply(linear, self.x, self.weight, self.bias)
        return self.out

    def backward(self, grad):
        """grad: Tensor (N, out_features). Adds to weight.grad and bias.grad; returns dx. All are Tensors.

        Hint: `.grad` is None at first; later the new gradient is added to what is there.
        """
        dx, dweight, dbias = linear_backward(grad.data, self.out.data, self.x.data, self.weight.data, self.bias.data)
        if self.weight.grad is None:
            self.weight.grad = Tensor(np.zeros_like(dweight))
        if self.bias.grad is None:
            self.bias.grad = Tensor(np.zeros_like(dbias))
        self.weight.grad.data += dweight
        self.bias.grad.data += dbias
        return Tensor(dx)

# %% Sequential
#| export
class Sequential(Module):
    """Layers one after the other.

    layers: Modules, each with `forward` and `backward`

    Sequential(Linear(4, 8), ReLU())(Tensor(np.ones((1, 4)))).shape == (1, 8)      (about 1, 3 and 3 lines)
    """

    def __init__(self, *layers):
        self.layers = []
        for layer in layers:
            self.layers.append(layer)

    def forward(self, x):
        """x: Tensor, what the first layer takes. Returns what the last one gives."""
        for i in range(len(self.layers)):
            x = self.layers[i](x)
        return x

    def backward(self, grad):
        """grad: Tensor of the result's shape. Returns the gradient of x; the layers' parameters have theirs then."""
        for i in range(len(self.layers) - 1, -1, -1):
            grad = self.layers[i].backward(grad)
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
        if p.grad is None:
            continue
        p.data[...] = p.data - lr * p.grad.data

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
    for indices in list(minibatches(images.shape[0], batch_size, rng)):
        x, y = Tensor(images[indices]), Tensor(labels[indices])
        loss = loss_fn.forward(model.forward(x), y)
        losses += [float(loss.data)]
        model.zero_grad()
        model.backward(loss_fn.backward())
        sgd_step(model.parameters(), lr)
    return losses
