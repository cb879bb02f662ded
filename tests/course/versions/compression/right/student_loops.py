# why: number by number and row by row, lists and plain Python

# %% l1_mask
#| export
def l1_mask(weight, amount):
    if amount < 0 or amount > 1:
        raise ValueError("a share, please")
    flat = [abs(number) for number in weight.ravel().tolist()]
    order = sorted(range(len(flat)), key=lambda i: flat[i])
    gone = set(order[: round(amount * len(flat))])
    return np.array([i not in gone for i in range(len(flat))], dtype=bool).reshape(weight.shape)


def global_masks(weights, amount):
    numbers = np.array([number for weight in weights for number in weight.ravel()])
    mask, start, found = l1_mask(numbers, amount), 0, []
    for weight in weights:
        found.append(mask[start : start + weight.size].reshape(weight.shape))
        start += weight.size
    return found

# %% Pruner.prune
def prune(self, amount, scope="global"):
    names = list(self.weights)
    if scope == "layer":
        for name in names:
            self.masks[name] = l1_mask(self.weights[name].data, amount)
    else:
        for name, mask in zip(names, global_masks([self.weights[n].data for n in names], amount)):
            self.masks[name] = mask
    self.__call__()

# %% Pruner.__call__
def __call__(self, *report):
    for name in self.masks:
        self.weights[name].data[...] = np.where(self.masks[name], self.weights[name].data, 0)

# %% pack_sparse
#| export
def pack_sparse(array):
    values = np.array([number for number in array.ravel() if number != 0], dtype=array.dtype)
    bits = [number != 0 for number in array.ravel()]
    bits += [False] * (-len(bits) % 8)
    packed = [sum(bit << (7 - i) for i, bit in enumerate(map(int, bits[at : at + 8]))) for at in range(0, len(bits), 8)]
    return {"values": values, "bits": np.array(packed, dtype=np.uint8), "shape": np.array(array.shape, dtype=np.int64)}


def unpack_sparse(packed):
    shape = [int(n) for n in packed["shape"]]
    flat, values = np.zeros(math.prod(shape), packed["values"].dtype), iter(packed["values"])
    for i in range(flat.size):
        if packed["bits"][i // 8] >> (7 - i % 8) & 1:
            flat[i] = next(values)
    return flat.reshape(shape)

# %% drop_units.unit_mask
def unit_mask(weight, amount):
    return l1_mask(np.array([np.linalg.norm(unit.ravel()) for unit in weight]), amount)

# %% drop_units.drop_units
def drop_units(weight, bias, keep, next_weight):
    stay = [i for i, kept in enumerate(keep) if kept]
    per_unit = next_weight.shape[1] // len(keep)
    columns = [i * per_unit + j for i in stay for j in range(per_unit)]
    return weight[stay], bias[stay], next_weight[:, columns]

# %% drop_units.layer_to_narrow
def layer_to_narrow(model, costs, machine):
    kinds = {f"{i} {type(layer).__name__}": i for i, layer in enumerate(model.layers) if type(layer) in (Linear, Conv2d)}
    if kinds:
        kinds.popitem()
    best = None
    for row in costs:
        bound, _ = bottleneck(row, machine)
        if row["name"] in kinds and bound in ("compute", "memory"):
            if best is None or row["seconds"] > best["seconds"]:
                best = row
    return None if best is None else kinds[best["name"]]

# %% choose_qparams.choose_qparams
def choose_qparams(low, high, symmetric=False, bits=8):
    steps = 2**bits - 1
    low, high = np.where(np.less(low, 0), low, np.zeros_like(low)), np.where(np.greater(high, 0), high, np.zeros_like(high))
    width = 2 * np.maximum(np.abs(low), np.abs(high)) if symmetric else high - low
    scale = np.maximum(width / steps, EPS)
    zero_point = np.zeros(scale.shape) if symmetric else -(2 ** (bits - 1)) - np.rint(low / scale)
    return scale, zero_point.astype(np.int32)

# %% quantize.quantize
def quantize(x, scale, zero_point, axis=None, bits=8):
    if axis is not None:
        moved = np.moveaxis(x, axis, -1)
        return np.moveaxis(quantize(moved, np.asarray(scale), np.asarray(zero_point), None, bits), -1, axis)
    q = np.rint(x / scale) + zero_point
    q = np.minimum(np.maximum(q, -(2 ** (bits - 1))), 2 ** (bits - 1) - 1)
    return np.asarray(q).astype(np.int8)

# %% quantize.dequantize
def dequantize(q, scale, zero_point, axis=None):
    scale = np.asarray(scale)
    if axis is not None:
        return np.moveaxis(dequantize(np.moveaxis(q, axis, -1), scale, zero_point), -1, axis)
    return ((q.astype(float) - zero_point) * scale).astype(scale.dtype)

# %% quantized_matmul.quantized_matmul
def quantized_matmul(x, weight, x_zero_point, weight_zero_point):
    a = x.astype(np.int64) - x_zero_point
    b = weight.astype(np.int64) - np.reshape(weight_zero_point, (-1, 1))
    return np.array([[sum((row * other).tolist()) for other in b] for row in a]).astype(np.int32)

# %% InputObserver.__call__
def __call__(self, function, inputs, options, out, seconds):
    if (function is not linear and function is not conv2d) or id(inputs[1]) not in self.owners:
        return
    x, weight, _ = inputs
    name = self.owners[id(weight)]
    low, high = float(np.quantile(x.data, self.share)), float(np.quantile(x.data, 1 - self.share))
    if name in self.ranges:
        low, high = min(low, self.ranges[name][0]), max(high, self.ranges[name][1])
    self.ranges[name] = (low, high)

# %% distillation_loss.distillation_loss
def distillation_loss(logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    total = 0
    for mine, wanted in zip(logits[:, None] / temperature, teacher_logits[:, None] / temperature):
        log_p, log_q = log_softmax(wanted)[0], log_softmax(mine)[0]
        total = total + (np.exp(log_p) * (log_p - log_q)).sum()
    soft = temperature**2 * total / len(logits)
    return soft * alpha + cross_entropy(logits, labels) * (1 - alpha)

# %% pareto_front.pareto_front
def pareto_front(costs):
    rows, front = costs.tolist(), []
    for own in rows:
        beaten = False
        for other in rows:
            if all(o <= c for o, c in zip(other, own)) and other != own:
                beaten = True
        front.append(not beaten)
    return np.array(front, dtype=bool)
