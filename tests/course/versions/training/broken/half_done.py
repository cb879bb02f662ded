# why: half done

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
    raise NotImplementedError()

# %% evaluate
#| export
def evaluate(model, loss_fn, loader):
    """Mean loss and accuracy over all samples of `loader`, in eval mode and without a graph.

    model: Module; it is left in the mode it was in; loss_fn: CrossEntropyLoss or alike
    loader: gives batches (x, labels), Tensors; the last may be smaller
    Returns {"loss": float, "accuracy": float}.

    (about 9 lines)      Hint: model.training says the mode, model.train(mode) sets it; two of your Means, no_grad().
    """
    raise NotImplementedError()

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
        raise NotImplementedError()

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
    raise NotImplementedError()


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
        raise NotImplementedError()

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
        raise NotImplementedError()
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
