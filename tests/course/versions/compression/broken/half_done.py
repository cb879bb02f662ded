# why: half done

# %% QuantizedLinear
#| export
def quantized_linear(x, weight, bias, x_scale, x_zero_point, weight_scale, weight_zero_point):
    """A linear layer in whole numbers.

    x: float array (N, in_features), not yet quantized; weight: int8 array (out_features, in_features)
    bias: float array (out_features,); x_scale, x_zero_point: for x
    weight_scale, weight_zero_point: for weight, numbers or arrays (out_features,)
    Returns an array (N, out_features) of x's dtype.

    Each sum of quantized_matmul is worth x_scale * weight_scale; the bias comes on top.      (about 3 lines)
    """
    # YOUR CODE HERE
    raise NotImplementedError()


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
        """Set all six Tensors, from the float32 arrays of a layer and the range of its inputs.

        weight: array (outputs, …), of two axes or more. It is quantized symmetrically, by the range of its own numbers:
        with a scale for each output (axis 0), or one for all. The input is not quantized symmetrically. bias is copied.

        (about 8 lines)      Hint: rows = weight.reshape(len(weight), -1). np.float32(low) gives a scale in float32.
        """
        # YOUR CODE HERE
        raise NotImplementedError()

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
    """A convolution in whole numbers.

    x: float array (N, C, H, W), not yet quantized; weight: int8 array (O, C, KH, KW); bias: float array (O,)
    scales and zero points: as for quantized_linear, those of the weight numbers or arrays (O,)
    stride, padding: as for conv2d
    Returns an array (N, O, OH, OW) of x's dtype, in any memory layout.

    (about 11 lines)
    Hint: as in conv2d, but pad the quantized x yourself (np.pad has constant_values) and give column_chunks no padding.
    It takes (N, H, W, C) and a kernel_size (KH, KW), and its rows go by KH, KW, C: the filters must, too.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


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
    """Weight and bias of a convolution that does what a batch norm in eval mode does to its result.

    weight: array (O, C, KH, KW); bias: array (O,); norm: BatchNorm2d, with norm.eps and the Tensors (O,) norm.weight,
        norm.bias, norm.running_mean and norm.running_var. Nothing of it is changed
    Returns (weight, bias), new arrays of the same shapes.

    With scale = norm.weight / sqrt(running_var + eps), a channel y becomes (y - running_mean) * scale + norm.bias.
    (about 3 lines)
    """
    # YOUR CODE HERE
    raise NotImplementedError()


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
    """How far a student is from its teacher and from the labels.

    logits, teacher_logits: arrays (N, C); labels: int array (N,)
    temperature: T; alpha: how much the teacher counts, from 0 (only the labels) to 1 (only the teacher)
    Returns alpha * T**2 * KL + (1 - alpha) * cross_entropy(logits, labels), a single number of the logits' dtype. KL is
    the mean over the samples of sum(p * log(p / q)), with p and q the softmax of teacher_logits / T and of logits / T.

    distillation_loss(np.array([[2.0, 0.0]]), np.array([[0.0, 0.0]]), np.array([0]), 1.0, 1.0)  is about  0.4338
    (about 4 lines)      Hint: log_softmax gives log(p) and log(q) without overflow, also where p is 0.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def distillation_loss_backward(grad, out, logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    """Gradients of distillation_loss.

    grad: a single number, gradient with respect to the loss; out: the loss; all else as for distillation_loss
    Returns a tuple (dlogits, None, None), dlogits of the logits' shape and dtype: nothing flows to teacher and labels.
    The gradient of KL in the logits is (q - p) / (N * T).

    (about 4 lines)      Hint: cross_entropy_backward(grad, out, logits, labels) returns a tuple, too.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


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
    """Which candidates no other one dominates.

    costs: array (n, k): k costs of n candidates, such as bytes, errors and seconds; less is better
    A candidate is dominated if another one costs no more in any column, and less in at least one. So of two that are
    equal in all columns neither dominates the other.
    Returns a boolean array (n,).

    pareto_front(np.array([[1, 5], [2, 2], [3, 3]]))  is  [True, True, False]      (about 5 lines)
    """
    # YOUR CODE HERE
    raise NotImplementedError()
