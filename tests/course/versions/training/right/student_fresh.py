# why: every stub, written from the release by somebody who likes it plain

# %% SGD
#| export
class SGD(Optimizer):
    """Gradient descent with momentum, as PyTorch does it.

    parameters, lr: as for Optimizer
    momentum: which share of the velocity remains, 0 for none; nesterov: whether to look ahead; weight_decay: see above
    """

    def __init__(self, parameters, lr, momentum=0, nesterov=False, weight_decay=0):
        super().__init__(parameters, lr)
        if nesterov and not momentum:
            raise ValueError("nesterov looks ahead along the velocity, so it needs a momentum: 0.9 is usual")
        self.momentum, self.nesterov, self.weight_decay = momentum, nesterov, weight_decay

    def update(self, p, g, state):
        """One step of one parameter, in place.

        p, g: arrays of any shape, () included, and of one dtype: the parameter and its gradient, which stays as it is
        state: dict of this parameter, empty at its first step; with a momentum, state["velocity"] is an array of p's
            shape and dtype that starts with zeros

        with p [1.0], g [2.0], lr 0.1 and momentum 0.5, p becomes 0.8, then, with the same g, 0.5      (about 8 lines)
        Hint: `state.setdefault("velocity", np.zeros_like(p))` is the old one or a new one. `g = g + …` makes a new
        array, `g += …` would change the gradient.
        """
        if self.weight_decay != 0:
            g = g + self.weight_decay * p
        if self.momentum != 0:
            if "velocity" not in state:
                state["velocity"] = np.zeros_like(p)
            state["velocity"] = self.momentum * state["velocity"] + g
            if self.nesterov:
                g = g + self.momentum * state["velocity"]
            else:
                g = state["velocity"]
        p[...] = p - self.lr * g

# %% adam_update
#| export
def adam_update(p, g, state, lr, betas, eps):
    """One step of Adam, in place.

    p, g: arrays of any shape, () included, and of one dtype; g stays as it is
    state: dict of this parameter, empty at its first step. state["step"] counts its steps (an int, 1 in the first);
        state["m"] and state["v"], of p's shape and dtype, start with zeros:
        m becomes beta1 * m + (1 - beta1) * g, and v becomes beta2 * v + (1 - beta2) * g ** 2
    lr: learning rate; betas: the tuple (beta1, beta2); eps: keeps the division from becoming one by 0
    Then p moves by -lr * mean / (sqrt(square) + eps), with mean = m / (1 - beta1 ** step) and
    square = v / (1 - beta2 ** step). Returns None.

    with p [1.0, 1.0], g [100.0, -0.001] and lr 0.1, the first step leads to about [0.9, 1.1]      (about 8 lines)
    Hint: state.setdefault, as before; for the steps state.get("step", 0).
    """
    beta1, beta2 = betas
    if "step" not in state:
        state["step"] = 0
        state["m"] = np.zeros_like(p)
        state["v"] = np.zeros_like(p)
    state["step"] += 1
    state["m"] = beta1 * state["m"] + (1 - beta1) * g
    state["v"] = beta2 * state["v"] + (1 - beta2) * g**2
    mean = state["m"] / (1 - beta1 ** state["step"])
    square = state["v"] / (1 - beta2 ** state["step"])
    p -= lr * mean / (np.sqrt(square) + eps)

# %% Adam
#| export
class Adam(Optimizer):
    """Adam, as PyTorch does it: weight decay is part of the gradient.

    parameters, lr: as for Optimizer; betas, eps: as for adam_update
    """

    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(parameters, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

    def update(self, p, g, state):
        """adds weight_decay * p to the gradient (in a new array), then adam_update      (about 2 lines)"""
        gradient = g + self.weight_decay * p
        adam_update(p, gradient, state, self.lr, self.betas, self.eps)


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves, before the step."""

    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, p, g, state):
        """shrinks p in place, then adam_update      (about 2 lines)"""
        p -= self.lr * self.weight_decay * p
        adam_update(p, g, state, self.lr, self.betas, self.eps)

# %% schedules
#| export
def step_lr(step, base, step_size, gamma=0.1):
    """The rate `base`, multiplied with `gamma` after every `step_size` steps."""
    return base * gamma ** (step // step_size)


def cosine_lr(step, base, T_max, eta_min=0):
    """Half a wave of a cosine, from `base` at step 0 down to `eta_min` at step T_max. Later it goes up again.

    step: how many steps were taken, an int; base, eta_min: rates; T_max: an int
    Returns eta_min + (base - eta_min) * (1 + cos(pi * step / T_max)) / 2, a Python float: numpy's would turn
    float32 parameters' steps into float64.

    cosine_lr(50, base=0.4, T_max=100) == 0.2      (about 1 line)
    Hint: math.cos, math.pi
    """
    half = (base - eta_min) / 2
    return eta_min + half + half * math.cos(math.pi * step / T_max)


def one_cycle_lr(step, max_lr, total_steps, pct_start=0.3, anneal_strategy="cos", div_factor=25, final_div_factor=1e4):
    """Up to `max_lr`, then down far.

    It starts at low = max_lr / div_factor, reaches max_lr at the step peak = pct_start * total_steps - 1 (which need
    not be a whole number), and from there lowest = low / final_div_factor at the step total_steps - 1.
    anneal_strategy: how it goes from one of these rates to the next: "linear" on a straight line, "cos" on half
        a wave, which is the straight line's share s replaced by (1 - cos(pi * s)) / 2
    Returns a Python float.

    one_cycle_lr(2, max_lr=1.0, total_steps=10) == 1.0, one_cycle_lr(0, 1.0, 10) == 0.04      (about 9 lines)
    Hint: first find start rate, end rate and the share of the way between them: once for `step < peak`, once for the
    rest.
    """
    low = max_lr / div_factor
    lowest = low / final_div_factor
    peak = pct_start * total_steps - 1
    if step < peak:
        first, second = low, max_lr
        s = step / peak
    else:
        first, second = max_lr, lowest
        s = (step - peak) / (total_steps - 1 - peak)
    if anneal_strategy != "linear":
        s = 0.5 - 0.5 * math.cos(math.pi * s)
    return (1 - s) * first + s * second

# %% state_dict
#| export
def named_tensors(module, prefix=""):
    """Yield (name, Tensor) for every leaf Tensor in the attributes of `module`, in order, and in Modules inside.

    module: a Module. Its attributes, `vars(module)`, may be Tensors, Modules, or lists and tuples of such; the rest
        of them counts for nothing here, and neither do Tensors that were computed (their creator is not None)
    prefix: goes before every name
    An attribute gives "weight", the third entry of a list "layers.2", and Modules put a dot between: "layers.2.weight".

    [name for name, _ in named_tensors(Sequential(ReLU(), Linear(2, 3)))] == ["layers.1.weight", "layers.1.bias"]

    (about 8 lines)      Hint: for what is inside: yield from named_tensors(item, f"{path}.")
    """
    for name in vars(module):
        value = getattr(module, name)
        if isinstance(value, (list, tuple)):
            pairs = [(prefix + name + "." + str(i), item) for i, item in enumerate(value)]
        else:
            pairs = [(prefix + name, value)]
        for path, item in pairs:
            if isinstance(item, Module):
                for pair in named_tensors(item, path + "."):
                    yield pair
            elif isinstance(item, Tensor) and item.creator is None:
                yield path, item


def state_dict(module):
    """The numbers of all named tensors: a dict name → array. The arrays are copies, which no later step changes.

    (about 1 line)
    """
    return {name: np.array(tensor.data) for name, tensor in named_tensors(module)}


def load_state_dict(module, state):
    """Copy the arrays of `state` into those of `module`, which stay the same arrays.

    state: as state_dict gives it
    Raises ValueError that names every tensor that is missing from `state`, every name that `module` does not have, and
    every tensor of another shape (with both shapes); then nothing at all has been changed.

    (about 9 lines)      Hint: collect the problems in a list first. `array[...] = other` copies, single numbers, too.
    """
    mine = dict(named_tensors(module))
    errors = []
    for name in sorted(set(mine) | set(state)):
        if name not in state:
            errors.append("missing: " + name)
        elif name not in mine:
            errors.append("unknown: " + name)
        elif np.shape(state[name]) != mine[name].shape:
            errors.append(f"{name}: {np.shape(state[name])} saved, {mine[name].shape} here")
    if errors:
        raise ValueError(", ".join(errors))
    for name in mine:
        np.copyto(mine[name].data, state[name], casting="unsafe")

# %% first_bad_layer
#| export
def first_bad_layer(model, x):
    """Words that name the first array in results_by_layer(model, x) with a number that is not finite.

    model: Module; x: Tensor, its input
    Returns "linear of layers.1: 3 of 40 numbers are not finite", with the row's name and its counts; where all
    are finite, "all results of the model are finite: look at the labels and at the loss function".

    (about 5 lines)      Hint: np.isfinite is False for nan, inf and -inf.
    """
    for where, array in results_by_layer(model, x):
        good = int(np.isfinite(array).sum())
        if good < array.size:
            return f"{where}: {array.size - good} of {array.size} numbers are not finite"
    return "all results of the model are finite: look at the labels and at the loss function"

# %% Mean
#| export
class Mean:
    """The mean of what it was given so far; `value` is nan before anything came.

    mean.update(2.0, count=3); mean.update(6.0); mean.value == 3.0      (about 1, 2 and 1 lines)
    """

    def __init__(self):
        self.pairs = []

    def update(self, value, count=1):
        """value: a number, itself a mean over `count` samples."""
        self.pairs.append((value, count))

    @property
    def value(self):
        count = sum(count for _, count in self.pairs)
        if count == 0:
            return float("nan")
        return sum(value * count for value, count in self.pairs) / count


class History(dict):
    """What was measured: a dict name → list of numbers, one an epoch."""

    def add(self, **values):
        for name, value in values.items():
            self.setdefault(name, []).append(value)

    def plot(self):
        """A panel for each kind: loss and val_loss share one, accuracy and val_accuracy the next, …"""
        import matplotlib.pyplot as plt  # not at the top: who only trains does not wait for it

        kinds = list(dict.fromkeys(name.rpartition("_")[2] for name in self))
        width = max(3.5, 3.2 * len(kinds))
        figure, panels = plt.subplots(1, max(1, len(kinds)), figsize=(width, 2.8), squeeze=False, layout="constrained")
        for panel, kind in zip(panels.flat, kinds, strict=False):
            for name, numbers in self.items():
                if name.rpartition("_")[2] == kind:
                    panel.plot(range(1, len(numbers) + 1), numbers, "o-", ms=3, label=name)
            panel.set(xlabel="epoch", ylabel=kind)
            panel.legend(frameon=False)
            panel.spines[["top", "right"]].set_visible(False)
        return figure

    def state_dict(self):
        return {name: np.array(numbers) for name, numbers in self.items()}

    def load_state_dict(self, saved):
        self.clear()
        self.update((name, np.asarray(numbers).tolist()) for name, numbers in saved.items())

# %% train_step
#| export
def train_step(model, loss_fn, optimizer, x, labels):
    """One step of training, with the gradients of this batch alone.

    model: Module; loss_fn: CrossEntropyLoss or alike; optimizer: Optimizer; x, labels: Tensors, a batch
    Returns (loss, accuracy) before the step, two floats.
    Raises FloatingPointError if the loss is not finite, before backward and step. Its message has the number of this
    step, as in "step 7" (the first is 1; the optimizer counts those that were taken), the loss, and the words of
    first_bad_layer.

    train_step(model, loss_fn, optimizer, x, labels)  is about  (2.3, 0.1)  at first, for ten classes
    (about 9 lines)
    Hint: math.isfinite of loss.item(); `accuracy` comes from module 2.
    """
    for p in optimizer.parameters:
        p.grad = None
    logits = model(x)
    loss = loss_fn(logits, labels)
    value = loss.item()
    if math.isnan(value) or math.isinf(value):
        number = optimizer.steps + 1
        raise FloatingPointError(f"loss {value} in step {number}: " + first_bad_layer(model, x))
    loss.backward()
    optimizer.step()
    return value, accuracy(logits, labels)

# %% evaluate
#| export
def evaluate(model, loss_fn, loader):
    """Mean loss and accuracy over all samples of `loader`, in eval mode and without a graph.

    model: Module; it is left in the mode it was in; loss_fn: CrossEntropyLoss or alike
    loader: gives batches (x, labels), Tensors; the last may be smaller
    Returns {"loss": float, "accuracy": float}.

    (about 9 lines)      Hint: model.training says the mode, model.train(mode) sets it; two of your Means, no_grad().
    """
    before = model.training
    model.eval()
    losses, rights, n = 0.0, 0.0, 0
    with no_grad():
        for x, labels in loader:
            out = model(x)
            losses += len(labels) * loss_fn(out, labels).item()
            rights += len(labels) * accuracy(out, labels)
            n += len(labels)
    if before:
        model.train()
    return {"loss": losses / n, "accuracy": rights / n}

# %% EarlyStopping
#| export
class EarlyStopping:
    """Says stop when the loss has not improved for `patience` times in a row.

    patience: an int; min_delta: an improvement has to be larger than this
    best: the smallest loss that counted as an improvement, at first math.inf; waited: how many losses came since then
    """

    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta, self.best, self.waited = patience, min_delta, math.inf, 0

    def update(self, loss):
        """Hear of the next loss. Returns whether it is time to stop, a bool. A loss of nan is no improvement.

        with patience 2, the losses 3, 2, 2, 5 give False, False, False, True      (about 5 lines)
        """
        better = self.best - loss > self.min_delta
        self.waited = 0 if better else self.waited + 1
        if better:
            self.best = loss
        return self.waited >= self.patience

    def state_dict(self):
        return {"best": np.array(self.best), "waited": np.array(self.waited)}

    def load_state_dict(self, saved):
        self.best, self.waited = float(saved["best"]), int(saved["waited"])

# %% save_arrays
#| export
def save_arrays(path, arrays):
    """Write a dict of arrays to one npz file, whole or not at all.

    path: where to; it may or may not be there already, and gets exactly this name
    arrays: dict name → array; names are any texts with a dot in them
    Raises ValueError for arrays that would need pickle (dtype object). Whatever goes wrong, what was at `path` before
    is still there, untouched.

    (about 3 lines)      Hint: np.savez(file, allow_pickle=False, **arrays) into a file opened with "wb", at
    f"{path}.new"; os.replace(old, new) renames, also over a file that is there.
    """
    temporary = str(path) + ".part"
    with open(temporary, "wb") as f:
        np.savez_compressed(f, allow_pickle=False, **arrays)
    os.rename(temporary, path)


def load_arrays(path):
    """What save_arrays wrote, a dict. Raises ValueError that names a file that is no such thing, or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged zip raises nearly anything
        raise ValueError(f"{path} is not a checkpoint, or it is damaged: {error}") from None


def save_checkpoint(path, trainer):
    """Write all that `trainer` needs to go on to one npz file, whole or not at all."""
    save_arrays(path, trainer.state_dict())


def load_checkpoint(path, trainer):
    """Bring a trainer, built as the one that was saved, to where that one was: it goes on bit for bit the same.

    Raises FileNotFoundError, or ValueError that says what does not fit together.
    """
    trainer.load_state_dict(load_arrays(path))

# %% Trainer
#| export
class Trainer:
    """Trains a model, epoch after epoch, and keeps the books.

    model: Module; loss_fn: CrossEntropyLoss or alike; optimizer: Optimizer
    scheduler: a Schedule, stepped after every step; early_stopping: EarlyStopping, asked after every epoch
    checkpoint: path of a checkpoint that is written after every epoch
    Each of these three may be None.

    epoch: how many epochs are done; step: how many steps; history: a History, one entry an epoch
    """

    def __init__(self, model, loss_fn, optimizer, scheduler=None, early_stopping=None, checkpoint=None):
        self.model, self.loss_fn, self.optimizer, self.scheduler = model, loss_fn, optimizer, scheduler
        self.early_stopping, self.checkpoint = early_stopping, checkpoint
        self.epoch, self.history = 0, History()
        self.loader_state, self.resumed = {}, False

    @property
    def step(self):
        return self.optimizer.steps

    def evaluate(self, loader):
        """{"loss": …, "accuracy": …} over all samples of a loader, see the function of this name."""
        return evaluate(self.model, self.loss_fn, loader)

    def train_epoch(self, loader, report=None):
        """One epoch, in train mode: a train_step for each batch (x, labels), and after each the scheduler's step.

        report: called after every step as report(epoch, step, steps, loss, accuracy): number of this epoch (the
            first is 1), step within it (from 1), len(loader), and the means over this epoch's samples so far
        Returns {"loss": …, "accuracy": …, "lr": …}: the means over all samples, and the rate of the last step.

        (about 11 lines)      Hint: enumerate(loader, 1)
        """
        self.model.train()
        mean_loss, mean_right, done = Mean(), Mean(), 0
        for x, labels in loader:
            rate = self.optimizer.lr
            loss, right = train_step(self.model, self.loss_fn, self.optimizer, x, labels)
            if self.scheduler is not None:
                self.scheduler.step()
            mean_loss.update(loss, x.shape[0])
            mean_right.update(right, x.shape[0])
            done += 1
            if report is not None:
                report(self.epoch + 1, done, len(loader), mean_loss.value, mean_right.value)
        return {"loss": mean_loss.value, "accuracy": mean_right.value, "lr": rate}

    def fit(self, train_loader, val_loader=None, epochs=1, report=None):
        """Train for `epochs` more epochs, or until early stopping says stop. Returns the history.

        After each epoch: evaluate with val_loader, if there is one; add a row to the history (loss, accuracy and lr of
        the epoch, and val_loss and val_accuracy); raise self.epoch; remember the loader's state in self.loader_state;
        tell early_stopping the val_loss (without val_loader the loss); then save the checkpoint; then stop, if it said
        so.

        (about 12 lines)      Hint: `state_of(train_loader)`, below, also takes plain lists of batches.
        """
        if self.resumed and self.loader_state:
            train_loader.load_state_dict(self.loader_state)
        self.resumed, stop = False, False
        while epochs > 0 and not stop:
            values = self.train_epoch(train_loader, report)
            watched = values["loss"]
            if val_loader is not None:
                found = self.evaluate(val_loader)
                values["val_loss"], values["val_accuracy"] = found["loss"], found["accuracy"]
                watched = found["loss"]
            self.history.add(**values)
            self.epoch, epochs, self.loader_state = self.epoch + 1, epochs - 1, state_of(train_loader)
            if self.early_stopping is not None:
                stop = self.early_stopping.update(watched)
            if self.checkpoint is not None:
                save_checkpoint(self.checkpoint, self)
        return self.history

    def parts(self):
        """What has a state_dict of its own, by name."""
        parts = {"optimizer": self.optimizer, "scheduler": self.scheduler, "early_stopping": self.early_stopping}
        return {name: part for name, part in parts.items() if part is not None}

    def state_dict(self):
        """All that is needed to go on: a dict of arrays, whose names begin with the name of a part."""
        states = {name: part.state_dict() for name, part in self.parts().items()}
        states |= {"model": state_dict(self.model), "history": self.history.state_dict()}
        states |= {"loader": self.loader_state, "trainer": {"epoch": self.epoch}}
        return {f"{part}.{name}": np.array(value) for part, state in states.items() for name, value in state.items()}

    def load_state_dict(self, saved):
        """Go on from what state_dict() gave. Raises ValueError that says what does not fit."""
        states = {}
        for name, value in saved.items():
            part, _, rest = name.partition(".")
            states.setdefault(part, {})[rest] = value
        optional = set(states) & {"scheduler", "early_stopping"}
        if "trainer" not in states or optional != set(self.parts()) - {"optimizer"}:
            there, here = (", ".join(sorted(names)) or "nothing" for names in (states, self.parts()))
            raise ValueError(f"what was saved has {there}; this trainer has model, {here}: build it as it was")
        load_state_dict(self.model, states["model"])
        for name, part in self.parts().items():
            part.load_state_dict(states[name])
        self.history.load_state_dict(states.get("history", {}))
        self.epoch = int(states["trainer"]["epoch"])
        self.loader_state, self.resumed = states.get("loader", {}), True


def state_of(loader):
    """The state_dict() of a loader; of anything else that gives batches, a list say, it is empty."""
    return loader.state_dict() if hasattr(loader, "state_dict") else {}
