# why: everything, by somebody who saw only the release

# %% l1_mask
#| export
def l1_mask(weight, amount):
    if not 0 <= amount <= 1:
        raise ValueError(f"amount must be between 0 and 1, not {amount}")
    order = np.argsort(np.abs(weight), axis=None, kind="stable")
    mask = np.ones(weight.size, dtype=bool)
    mask[order[: round(amount * weight.size)]] = False
    return mask.reshape(weight.shape)


def global_masks(weights, amount):
    flat = l1_mask(np.concatenate([weight.ravel() for weight in weights]), amount)
    ends = np.cumsum([weight.size for weight in weights])
    return [part.reshape(weight.shape) for part, weight in zip(np.split(flat, ends[:-1]), weights)]

# %% Pruner
#| export
class Pruner:
    """Keeps the pruned weights of a model at 0, also while it goes on learning.

    model: Module. Its weights are the named tensors with two axes or more; biases and batch norm are left alone
    weights: dict name → Tensor; masks: dict name → boolean array, all True at first

    pruner = Pruner(model)
    pruner.prune(0.8)
    trainer.fit(loader, epochs=3, report=pruner)
    """

    def __init__(self, model):
        self.weights = {name: tensor for name, tensor in named_tensors(model) if tensor.ndim > 1}
        self.masks = {name: np.ones(tensor.shape, bool) for name, tensor in self.weights.items()}

    @property
    def sparsity(self):
        """Share of the weights that are pruned."""
        return 1 - sum(mask.sum() for mask in self.masks.values()) / sum(mask.size for mask in self.masks.values())

    def prune(self, amount, scope="global"):
        arrays = [tensor.data for tensor in self.weights.values()]
        if scope == "global":
            masks = global_masks(arrays, amount)
        elif scope == "layer":
            masks = [l1_mask(array, amount) for array in arrays]
        else:
            raise ValueError(f"scope is 'global' or 'layer', not {scope!r}")
        self.masks = dict(zip(self.weights, masks))
        self()

    def __call__(self, *report):
        for name, tensor in self.weights.items():
            tensor.data[~self.masks[name]] = 0

# %% pack_sparse
#| export
def pack_sparse(array):
    there = array != 0
    return {
        "values": array[there],
        "bits": np.packbits(there),
        "shape": np.array(array.shape, dtype=np.int64),
    }


def unpack_sparse(packed):
    shape = tuple(packed["shape"])
    size = math.prod(shape)
    there = np.unpackbits(packed["bits"], count=size).astype(bool)
    array = np.zeros(size, packed["values"].dtype)
    array[there] = packed["values"]
    return array.reshape(shape)

# %% drop_units
#| export
def unit_mask(weight, amount):
    norms = np.linalg.norm(weight.reshape(len(weight), -1), axis=1)
    return l1_mask(norms, amount)


def drop_units(weight, bias, keep, next_weight):
    outputs, units = next_weight.shape[0], len(keep)
    by_unit = next_weight.reshape(outputs, units, -1)[:, keep]
    if next_weight.ndim == 4:
        smaller = by_unit.reshape(outputs, -1, *next_weight.shape[2:])
    else:
        smaller = by_unit.reshape(outputs, -1)
    return weight[keep], bias[keep], smaller


def narrow(model, amount, only=None):
    """A copy of a Sequential in which every Linear and Conv2d but the last has lost `amount` of its units.

    only: the place in model.layers of the one layer that loses units, see layer_to_narrow
    The next layers miss the lost units' results, so fine-tune the copy.
    Raises ValueError for a model with batch norm: fold it first.
    """
    if any(isinstance(layer, BatchNorm2d) for layer in model.layers):
        raise ValueError("batch norm belongs to the units that go: use fold(model) first")
    model = copy.deepcopy(model)
    layers = [layer for layer in model.layers if isinstance(layer, (Linear, Conv2d))]
    for layer, after in pairwise(layers):
        if only is not None and layer is not model.layers[only]:
            continue
        keep = unit_mask(layer.weight.data, amount)
        smaller = drop_units(layer.weight.data, layer.bias.data, keep, after.weight.data)
        for tensor, array in zip((layer.weight, layer.bias, after.weight), smaller, strict=True):
            tensor.data, tensor.grad = array, None
    return model


def layer_costs(model, x):
    """What each layer of a Sequential costs: rows of your `totals` by layer, of one forward pass without a graph.

    A row's "name" is that of `watch`: "1 Linear" is the layer at place 1 in model.layers. Call model.eval() before.
    """
    profile = Profiler()
    with profile, no_grad():
        watch(model, profile)(x)
    return totals([event for event in profile.events if event.kind != "span"], "layer")


def layer_to_narrow(model, costs, machine):
    units = [place for place, layer in enumerate(model.layers) if isinstance(layer, Linear | Conv2d)]
    seconds = {}
    for row in costs:
        place = int(row["name"].partition(" ")[0])
        if place in units[:-1] and bottleneck(row, machine)[0] != "overhead":
            seconds[place] = row["seconds"]
    return max(seconds, key=seconds.get) if seconds else None

# %% choose_qparams
#| export
EPS = np.finfo(np.float32).eps  # no step is smaller


def choose_qparams(low, high, symmetric=False, bits=8):
    qmin, qmax = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    if symmetric:
        scale = np.maximum(np.maximum(-low, high) * 2 / (qmax - qmin), EPS)
        return scale, np.zeros(np.shape(scale), np.int32)
    scale = np.maximum((high - low) / (qmax - qmin), EPS)
    return scale, np.asarray(qmin - np.round(low / scale), np.int32)

# %% quantize
#| export
def along(values, axis, ndim):
    """An array (C,) in a shape that broadcasts along `axis` of arrays with `ndim` axes; numbers stay as they are."""
    values = np.asarray(values)
    return values.reshape([-1 if i == axis else 1 for i in range(ndim)]) if values.ndim else values


def quantize(x, scale, zero_point, axis=None, bits=8):
    qmin, qmax = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    steps = np.round(x / along(scale, axis, x.ndim)) + along(zero_point, axis, x.ndim)
    return np.clip(steps, qmin, qmax).astype(np.int8)


def dequantize(q, scale, zero_point, axis=None):
    scale = along(scale, axis, q.ndim)
    steps = q.astype(np.int32) - along(zero_point, axis, q.ndim)
    return steps.astype(scale.dtype) * scale

# %% quantized_matmul
#| export
def int8_matmul(a, b):
    """a @ b.T for int8 arrays (N, K) and (M, K), exactly, in int32: what a kernel for whole numbers does."""
    if a.dtype != np.int8 or b.dtype != np.int8:
        raise TypeError(f"this kernel multiplies int8, not {a.dtype} and {b.dtype}")
    total = np.zeros((len(a), len(b)), np.int32)
    for k in range(0, a.shape[1], 1024):  # 1024 * 128 * 128 = 2**24: up to here float32 knows every whole number
        part = np.s_[:, k : k + 1024]
        total += (a[part].astype(np.float32) @ b[part].astype(np.float32).T).astype(np.int32)
    return total


def quantized_matmul(x, weight, x_zero_point, weight_zero_point):
    sums_x = x.sum(axis=1, keepdims=True, dtype=np.int32)
    sums_w = weight.sum(axis=1, dtype=np.int32)
    both = x.shape[1] * x_zero_point * weight_zero_point
    return int8_matmul(x, weight) - weight_zero_point * sums_x - x_zero_point * sums_w + both

# %% InputObserver
#| export
class InputObserver:
    """A listener of `apply` that notes the range of what the linear layers and convolutions of a model get as inputs.

    model: Module; share: of the numbers of a batch, how many may lie below the range, and how many above it
    ranges: dict, name of the layer ("layers.0") → (low, high), two floats

    ranges = calibrate(model, batches)      # below: it listens while the batches run through the model
    """

    def __init__(self, model, share=0.0):
        self.share, self.ranges = share, {}
        self.owners = {id(tensor): name.rpartition(".")[0] for name, tensor in named_tensors(model)}

    def __call__(self, function, inputs, options, out, seconds):
        if function not in (linear, conv2d) or id(inputs[1]) not in self.owners:
            return
        x, weight, _ = inputs
        name = self.owners[id(weight)]
        low, high = np.quantile(x.data, [self.share, 1 - self.share])
        if name in self.ranges:
            low, high = min(low, self.ranges[name][0]), max(high, self.ranges[name][1])
        self.ranges[name] = float(low), float(high)


def calibrate(model, batches, share=0.0):
    """Run batches through a model in eval mode, and return what an InputObserver noted: dict name → (low, high).

    batches: iterable of Tensors, or of tuples whose first part is one: a DataLoader will do
    """
    observer, mode = InputObserver(model, share), model.training
    listeners.append(observer)
    model.eval()
    try:
        with no_grad():
            for batch in batches:
                model(batch[0] if isinstance(batch, tuple) else batch)
    finally:
        listeners.remove(observer)
        model.train(mode)
    return observer.ranges

# %% QuantizedLinear
#| export
def quantized_linear(x, weight, bias, x_scale, x_zero_point, weight_scale, weight_zero_point):
    q = quantize(x, x_scale, x_zero_point)
    sums = quantized_matmul(q, weight, x_zero_point, weight_zero_point)
    return (sums * (x_scale * weight_scale) + bias).astype(x.dtype)


class QuantizedLinear(Module):
    """A linear layer whose weights are int8. It can be used, not trained.

    in_features, out_features: ints; per_channel: whether each row of the weight has a scale of its own
    weight: int8 Tensor (out_features, in_features); bias: float32 Tensor (out_features,)
    weight_scale (float32) and weight_zero_point (int32): Tensors (out_features,), or () if not per_channel
    x_scale (float32) and x_zero_point (int32): Tensors ()
    """

    def __init__(self, in_features, out_features, per_channel=True):
        weight, bias = np.zeros((out_features, in_features), np.float32), np.zeros(out_features, np.float32)
        self.fill(weight, bias, 0, 0, per_channel)

    @classmethod
    def from_float(cls, layer, low, high, per_channel=True):
        """A trained layer in whole numbers. layer: Linear; low, high: range of its inputs, see calibrate."""
        quantized = cls(*layer_options(layer))
        quantized.fill(layer.weight.data, layer.bias.data, low, high, per_channel)
        return quantized

    def fill(self, weight, bias, low, high, per_channel):
        rows = weight.reshape(len(weight), -1)
        axis = 1 if per_channel else None
        scale, zero_point = choose_qparams(rows.min(axis=axis), rows.max(axis=axis), symmetric=True)
        self.weight = Tensor(quantize(weight, scale, zero_point, axis=0))
        self.weight_scale, self.weight_zero_point = Tensor(scale), Tensor(zero_point)
        self.bias = Tensor(bias.copy())
        scale, zero_point = choose_qparams(np.float32(low), np.float32(high))
        self.x_scale, self.x_zero_point = Tensor(scale), Tensor(zero_point)

    def qparams(self):
        """What quantized_linear takes after weight and bias, by name."""
        names = ("x_scale", "x_zero_point", "weight_scale", "weight_zero_point")
        return {name: getattr(self, name).data for name in names}

    def forward(self, x):
        """x: Tensor (N, in_features). Carried out by `apply`. Returns a Tensor (N, out_features) without a graph."""
        return apply(quantized_linear, x.detach(), self.weight, self.bias, **self.qparams())


def layer_options(layer):
    """The arguments with which a layer of this kind and size is made."""
    if isinstance(layer, BatchNorm2d):
        return [layer.weight.size, layer.eps, layer.momentum]
    if isinstance(layer, MaxPool2d):
        return [layer.kernel_size, layer.stride]
    if not isinstance(getattr(layer, "weight", None), Tensor):
        return []
    outputs, inputs, *kernel = layer.weight.shape
    options = [inputs, outputs, *([kernel[0], layer.stride, layer.padding] if kernel else [])]
    return [*options, layer.weight_scale.ndim == 1] if isinstance(layer, QuantizedLinear) else options

# %% quantized_conv2d
#| export
def quantized_conv2d(
    x, weight, bias, x_scale, x_zero_point, weight_scale, weight_zero_point, stride=1, padding=0
):
    (n, _, h, w), (outputs, _, kh, kw) = x.shape, weight.shape
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    q = quantize(x, x_scale, x_zero_point).transpose(0, 2, 3, 1)
    q = np.pad(q, ((0, 0), (padding, padding), (padding, padding), (0, 0)), constant_values=x_zero_point)
    filters = weight.transpose(0, 2, 3, 1).reshape(outputs, -1)
    out = np.empty((n, oh, ow, outputs), x.dtype)
    for samples, rows in column_chunks(q, (kh, kw), stride):
        sums = quantized_matmul(rows, filters, x_zero_point, weight_zero_point)
        out[samples] = (sums * (x_scale * weight_scale) + bias).reshape(-1, oh, ow, outputs)
    return out.transpose(0, 3, 1, 2)


class QuantizedConv2d(QuantizedLinear):
    """A convolution whose weights are int8. Arguments as for Conv2d; all else as for QuantizedLinear."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, per_channel=True):
        self.stride, self.padding = stride, padding
        shape = out_channels, in_channels, kernel_size, kernel_size
        self.fill(np.zeros(shape, np.float32), np.zeros(out_channels, np.float32), 0, 0, per_channel)

    def forward(self, x):
        """x: Tensor (N, in_channels, H, W). Returns a Tensor (N, out_channels, OH, OW) without a graph."""
        options = self.qparams() | {"stride": self.stride, "padding": self.padding}
        return apply(quantized_conv2d, x.detach(), self.weight, self.bias, **options)


def convert(model, ranges, per_channel=True):
    """A Sequential with every Linear and Conv2d quantized; the other layers are copied, and `model` stays as it is.

    ranges: what calibrate(model, batches) returned. Raises KeyError for a layer that it did not see.
    """
    quantized = {Linear: QuantizedLinear, Conv2d: QuantizedConv2d}
    layers = []
    for i, layer in enumerate(model.layers):
        if type(layer) in quantized:
            layers.append(quantized[type(layer)].from_float(layer, *ranges[f"layers.{i}"], per_channel))
        else:
            layers.append(copy.deepcopy(layer))
    return Sequential(*layers).eval()

# %% fold_batch_norm
#| export
def fold_batch_norm(weight, bias, norm):
    scale = norm.weight.data / np.sqrt(norm.running_var.data + norm.eps)
    return weight * scale.reshape(-1, 1, 1, 1), (bias - norm.running_mean.data) * scale + norm.bias.data


def fold(model):
    """A copy of a Sequential, in eval mode, without the batch norms that its convolutions can do themselves."""
    layers = []
    for layer in copy.deepcopy(model).layers:
        *_, before, last = [None, None, *layers]
        conv = before if isinstance(last, MaxPool2d) else last
        foldable = isinstance(layer, BatchNorm2d) and isinstance(conv, Conv2d)
        if foldable and (conv is last or (layer.weight.data > 0).all()):
            conv.weight.data, conv.bias.data = fold_batch_norm(conv.weight.data, conv.bias.data, layer)
        else:
            layers.append(layer)
    return Sequential(*layers).eval()

# %% distillation_loss
#| export
def distillation_loss(logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    log_p, log_q = log_softmax(teacher_logits / temperature), log_softmax(logits / temperature)
    kl = (np.exp(log_p) * (log_p - log_q)).sum() / len(logits)
    loss = alpha * temperature**2 * kl + (1 - alpha) * cross_entropy(logits, labels)
    return loss.astype(logits.dtype)


def distillation_loss_backward(grad, out, logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    p, q = np.exp(log_softmax(teacher_logits / temperature)), np.exp(log_softmax(logits / temperature))
    soft = grad * alpha * temperature * (q - p) / len(logits)
    hard = cross_entropy_backward(grad, out, logits, labels)[0]
    return (soft + (1 - alpha) * hard).astype(logits.dtype), None, None


GRADIENTS[distillation_loss] = distillation_loss_backward


class DistillationLoss(Module):
    """distillation_loss of Tensors; without teacher_logits it is the mean cross-entropy, for validation."""

    def __init__(self, temperature=4.0, alpha=0.5):
        self.temperature, self.alpha = temperature, alpha

    def forward(self, logits, labels, teacher_logits=None):
        labels = Tensor(labels)
        if teacher_logits is None:
            return apply(cross_entropy, logits, labels)
        options = {"temperature": self.temperature, "alpha": self.alpha}
        return apply(distillation_loss, logits, Tensor(teacher_logits), labels, **options)


class Distiller(Trainer):
    """A Trainer with a teacher: its loader gives (x, labels, teacher's logits), its loss is a DistillationLoss.

    The teacher answers once for each image, before the training, and not once an epoch: see answers.
    """

    def train_epoch(self, loader, report=None):
        self.model.train()
        loss, right = Mean(), Mean()
        for i, (x, labels, teacher_logits) in enumerate(loader, 1):
            lr = self.optimizer.lr
            self.optimizer.zero_grad()
            logits = self.model(x)
            value = self.loss_fn(logits, labels, teacher_logits)
            value.backward()
            self.optimizer.step()
            loss.update(value.item(), len(labels))
            right.update(accuracy(logits, labels), len(labels))
            if self.scheduler:
                self.scheduler.step()
            if report:
                report(self.epoch + 1, i, len(loader), loss.value, right.value)
        return {"loss": loss.value, "accuracy": right.value, "lr": lr}


def answers(model, loader):
    """The logits of a model, in eval mode, for all samples of a loader without shuffling: array (samples, classes)."""
    mode = model.training
    model.eval()
    with no_grad():
        logits = [model(batch[0]).data for batch in loader]
    model.train(mode)
    return np.concatenate(logits)

# %% pareto_front
#| export
def pareto_front(costs):
    front = np.ones(len(costs), dtype=bool)
    for i, candidate in enumerate(costs):
        no_more, less = (costs <= candidate).all(axis=1), (costs < candidate).any(axis=1)
        front[i] = not (no_more & less).any()
    return front
