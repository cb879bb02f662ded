# why: steps in closed forms, numpy with out=, generators, a file that is flushed and tidied up

# %% SGD.update
def update(self, p, g, state):
    d = g + p * self.weight_decay if self.weight_decay else g.copy()
    if self.momentum:
        old = state.get("velocity")
        state["velocity"] = d.copy() if old is None else old * self.momentum + d
        d = d + state["velocity"] * self.momentum if self.nesterov else state["velocity"]
    np.subtract(p, d * self.lr, out=p)

# %% adam_update.adam_update
def adam_update(p, g, state, lr, betas, eps):
    t = state.get("step", 0) + 1
    m, v = state.get("m", np.zeros_like(p)), state.get("v", np.zeros_like(p))
    m = m + (1 - betas[0]) * (g - m)
    v = v + (1 - betas[1]) * (g * g - v)
    state.update(step=t, m=np.asarray(m), v=np.asarray(v))
    p -= (lr / (1 - betas[0] ** t)) * m / (np.sqrt(v) / math.sqrt(1 - betas[1] ** t) + eps)

# %% Adam
#| export
class Adam(Optimizer):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(parameters, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

    def update(self, p, g, state):
        if self.weight_decay:
            g = self.weight_decay * p + g
        adam_update(p, g, state, lr=self.lr, betas=self.betas, eps=self.eps)


class AdamW(Adam):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, p, g, state):
        np.multiply(p, 1 - self.lr * self.weight_decay, out=p)
        adam_update(p, g, state, lr=self.lr, betas=self.betas, eps=self.eps)

# %% schedules.one_cycle_lr
def one_cycle_lr(step, max_lr, total_steps, pct_start=0.3, anneal_strategy="cos", div_factor=25, final_div_factor=1e4):
    def between(a, b, s):
        return b + (a - b) * (1 + math.cos(math.pi * s)) / 2 if anneal_strategy == "cos" else a + (b - a) * s

    low, peak = max_lr / div_factor, pct_start * total_steps - 1
    if 0 < peak and step <= peak:
        return between(low, max_lr, step / peak)
    return between(max_lr, low / final_div_factor, (step - peak) / (total_steps - 1 - peak))

# %% state_dict.named_tensors
def named_tensors(module, prefix=""):
    def visit(path, item):
        if isinstance(item, Module):
            for name, value in vars(item).items():
                if isinstance(value, (list, tuple)):
                    for i, entry in enumerate(value):
                        yield from visit(f"{path}{name}.{i}.", entry)
                else:
                    yield from visit(f"{path}{name}.", value)
        elif isinstance(item, Tensor) and item.creator is None:
            yield path[:-1], item

    yield from visit(prefix, module)

# %% first_bad_layer.first_bad_layer
def first_bad_layer(model, x):
    counts = ((where, np.count_nonzero(~np.isfinite(array)), array.size) for where, array in results_by_layer(model, x))
    words = (f"{where}: {bad} of {size} numbers are not finite" for where, bad, size in counts if bad)
    return next(words, "all results of the model are finite: look at the labels and at the loss function")

# %% Mean.update
def update(self, value, count=1):
    self.count = self.count + count
    self.total = self.total + count * value

# %% evaluate.evaluate
def evaluate(model, loss_fn, loader):
    mode, means = model.training, {"loss": Mean(), "accuracy": Mean()}
    model.train(False)
    with no_grad():
        for x, labels in loader:
            logits = model(x)
            values = {"loss": loss_fn(logits, labels).item(), "accuracy": accuracy(logits.data, labels.data)}
            for name in means:
                means[name].update(values[name], count=labels.shape[0])
    model.train(mode=mode)
    return {name: mean.value for name, mean in means.items()}

# %% EarlyStopping.update
def update(self, loss):
    if loss + self.min_delta < self.best:
        self.best = loss
        self.waited = 0
        return self.patience <= 0
    self.waited += 1
    return not self.waited < self.patience

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    folder = os.path.dirname(path) or "."
    temporary = os.path.join(folder, "." + os.path.basename(path) + ".tmp")
    try:
        with open(temporary, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)
