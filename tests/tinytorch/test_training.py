"""Training: optimizers and schedules against PyTorch's, and training by what it promises: it goes on bit for bit."""

import math
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tinytorch.core import training
from tinytorch.core.autograd import no_grad
from tinytorch.core.data import ArrayDataset, DataLoader
from tinytorch.core.mlp import CrossEntropyLoss, Linear, Module, ReLU, Sequential, accuracy
from tinytorch.core.tensor import Tensor, listeners
from tinytorch.core.training import (
    SGD,
    Adam,
    AdamW,
    CosineAnnealingLR,
    EarlyStopping,
    History,
    Mean,
    OneCycleLR,
    Optimizer,
    Schedule,
    StepLR,
    Trainer,
    clip_grad_norm,
)

GOLDEN = np.load(Path(__file__).parent / "goldens" / "training.npz")


def same(what, got, want, rtol=1e-9, atol=1e-12):
    got = got.data if isinstance(got, Tensor) else np.asarray(got)
    assert got.shape == np.shape(want), f"{what}: shape {got.shape} instead of {np.shape(want)}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=f"{what} is not what PyTorch computes")


def start(dtype=np.float64):
    return [Tensor(np.array(GOLDEN[f"start.{i}"], dtype), requires_grad=True) for i in range(3)]


def set_gradients(parameters, step):
    """Those of the goldens; the second parameter has one in every other step only."""
    for i, parameter in enumerate(parameters):
        missing = i == 1 and step % 2
        parameter.grad = None if missing else Tensor(np.array(GOLDEN[f"gradients.{i}"][step], parameter.dtype))


def steps(optimizer, first, last):
    for step in range(first, last):
        set_gradients(optimizer.parameters, step)
        optimizer.step()


# --- optimizers against PyTorch ------------------------------------------------------------------

OPTIMIZERS = {
    "sgd": lambda p: SGD(p, 0.1),
    "sgd_decay": lambda p: SGD(p, 0.1, weight_decay=0.3),
    "sgd_momentum": lambda p: SGD(p, 0.1, momentum=0.9),
    "sgd_momentum_decay": lambda p: SGD(p, 0.1, momentum=0.9, weight_decay=0.3),
    "sgd_nesterov": lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True),
    "sgd_nesterov_decay": lambda p: SGD(p, 0.1, 0.9, True, 0.3),
    "adam": lambda p: Adam(p),
    "adam_options": lambda p: Adam(p, 0.1, (0.8, 0.95), 0.01),
    "adam_decay": lambda p: Adam(p, 0.1, weight_decay=0.3),
    "adamw": lambda p: AdamW(p),
    "adamw_options": lambda p: AdamW(p, 0.1, (0.8, 0.95), 0.01, 0.3),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_ways_of_optimizers(name):
    parameters = start()
    optimizer, arrays = OPTIMIZERS[name](parameters), [p.data for p in parameters]
    for step in range(8):
        set_gradients(parameters, step)
        kept = [None if p.grad is None else p.grad.data.copy() for p in parameters]
        optimizer.step()
        for i, (parameter, gradient) in enumerate(zip(parameters, kept, strict=True)):
            same(f"parameter {i} after step {step + 1} of {name}", parameter, GOLDEN[f"{name}.{i}"][step])
            if gradient is not None:
                np.testing.assert_array_equal(parameter.grad.data, gradient, err_msg="a step changed a gradient")
    assert all(p.data is array for p, array in zip(parameters, arrays, strict=True)), "p.data must stay the same array"
    assert optimizer.steps == 8


def test_the_velocity_adds_up_gradients_whatever_the_rate_was():
    (parameter,) = parameters = [Tensor(np.array([1.0]), requires_grad=True)]
    optimizer = SGD(parameters, 0.1, momentum=0.5)
    for optimizer.lr in (0.1, 0.2):
        parameter.grad = Tensor(np.array([2.0]))
        optimizer.step()
    same("two steps of rates 0.1 and 0.2", parameter, [1 - 0.1 * 2 - 0.2 * 3])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_stays_float32(name):
    parameters = start(np.float32)
    optimizer = OPTIMIZERS[name](parameters)
    steps(optimizer, 0, 8)
    for i, parameter in enumerate(parameters):
        assert parameter.dtype == np.float32, f"{name} turned a float32 parameter into {parameter.dtype}"
        same(f"float32 parameter {i} of {name}", parameter, GOLDEN[f"{name}.{i}"][-1], rtol=1e-4, atol=1e-5)
    arrays = [value for state in optimizer.state for value in state.values() if isinstance(value, np.ndarray)]
    assert all(array.dtype == np.float32 for array in arrays), f"{name} remembers more than float32: twice the memory"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_resume_bit_for_bit(name):
    whole, first, second = (OPTIMIZERS[name](start()) for _ in range(3))
    steps(whole, 0, 8)
    steps(first, 0, 5)
    saved = first.state_dict()
    assert all(isinstance(array, np.ndarray) for array in saved.values()), "state_dict holds arrays"
    for mine, theirs in zip(second.parameters, first.parameters, strict=True):
        mine.data[...] = theirs.data
    second.load_state_dict(saved)
    steps(first, 5, 8)  # must not change what was saved, nor what was loaded from it
    steps(second, 5, 8)
    for mine, theirs in zip(second.parameters, whole.parameters, strict=True):
        np.testing.assert_array_equal(mine.data, theirs.data, err_msg=f"{name} does not go on as it would have")
    assert second.steps == 8


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parts_of_a_large_parameter_go_the_way_of_the_whole(name, dtype, monkeypatch):
    rng = np.random.default_rng(0)
    numbers, gradients = rng.standard_normal((7, 9)).astype(dtype), rng.standard_normal((4, 7, 9)).astype(dtype)
    ways = []
    for chunk in (1000, 10):
        monkeypatch.setattr(training, "CHUNK", chunk)
        p = Tensor(numbers.copy(), requires_grad=True)
        optimizer, array = OPTIMIZERS[name]([p]), p.data
        for gradient in gradients:
            p.grad = Tensor(gradient)
            optimizer.step()
        assert p.data is array
        ways.append([array, *optimizer.state[0].values()])
    for mine, theirs in zip(*ways, strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=f"{name} goes another way in parts")


def test_only_an_update_that_says_so_comes_in_parts(monkeypatch):
    monkeypatch.setattr(training, "CHUNK", 2)
    sizes = []

    class Normed(Adam):
        def update(self, p, g, state):
            sizes.append(p.size)
            super().update(p, g / np.linalg.norm(g), state)

    class Rebound(Optimizer):
        @training.elementwise
        def update(self, p, g, state):
            state["mean"] = 0.5 * state.get("mean", np.zeros_like(p)) + g
            state["step"] = state.get("step", 0) + 1
            p -= self.lr * state["mean"]

    normed, rebound = (Tensor(np.arange(5.0), requires_grad=True) for _ in range(2))
    optimizers = Normed([normed]), Rebound([rebound], 0.5)
    for _ in range(2):
        for optimizer in optimizers:
            optimizer.parameters[0].grad = Tensor(np.ones(5))
            optimizer.step()
    assert sizes == [5, 5]
    same("what it remembers", optimizers[1].state[0]["mean"], [1.5] * 5)
    assert optimizers[1].state[0]["step"] == 2
    same("the parameter", rebound, np.arange(5.0) - 0.5 * (1 + 1.5))


@pytest.mark.parametrize("i", range(3))
def test_gradients_are_shortened_together_as_in_pytorch(i):
    parameters, most = start(), float(GOLDEN["clip.most"][i])
    set_gradients(parameters, 0)
    before = [p.grad.data.copy() for p in parameters]
    arrays = [p.grad.data for p in parameters]
    same("the norm", clip_grad_norm([*parameters, Tensor([1.0], requires_grad=True)], most), GOLDEN["clip.norm"][i])
    for k, (parameter, array, kept) in enumerate(zip(parameters, arrays, before, strict=True)):
        same(f"gradient {k}", parameter.grad, GOLDEN[f"clip.{k}"][i], rtol=1e-5)
        np.testing.assert_array_equal(array, kept, err_msg="somebody else may hold that array")


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_gradients_without_a_length_stay_as_they_are(bad):
    a, b = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    a.grad, b.grad = Tensor([3.0, bad]), Tensor([5.0, 1.0])
    with pytest.raises(ValueError, match="norm is"):
        clip_grad_norm([a, b], 1.0)
    np.testing.assert_array_equal(b.grad.data, [5.0, 1.0])
    with pytest.raises(ValueError, match="at least 0"):
        clip_grad_norm([b], -1.0)
    b.grad = Tensor(np.array([3e30, 4e30], np.float32))
    same("a norm whose square float32 can't hold", clip_grad_norm([b], 1.0), 5e30, rtol=1e-6)
    assert b.grad.dtype == np.float32
    same("and its gradient", b.grad, np.array([0.6, 0.8]), rtol=1e-6)
    assert clip_grad_norm([], 1.0) == 0


def test_names_of_what_is_remembered():
    sgd, adam = SGD(start(), 0.1, momentum=0.9), Adam(start())
    steps(sgd, 0, 1)
    steps(adam, 0, 3)
    assert list(sgd.state[0]) == ["velocity"]
    assert sorted(adam.state[0]) == ["m", "step", "v"]
    assert [state["step"] for state in adam.state] == [3, 2, 3], "a parameter counts the steps that it took itself"
    assert {"kind", "lr", "steps", "0.m", "2.step"} <= set(adam.state_dict())


def test_mistakes_with_optimizers():
    with pytest.raises(ValueError, match="parameters"):
        SGD(iter([]), 0.1)
    with pytest.raises(ValueError, match="momentum"):
        SGD(start(), 0.1, nesterov=True)
    optimizer = Optimizer(start(), 0.1)
    set_gradients(optimizer.parameters, 0)
    with pytest.raises(NotImplementedError, match="Optimizer"):
        optimizer.step()
    optimizer = Adam(start())
    steps(optimizer, 0, 1)
    with pytest.raises(ValueError, match="Adam"):
        SGD(start(), 0.1).load_state_dict(optimizer.state_dict())
    with pytest.raises(ValueError, match="more parameters"):
        Adam(start()[:1]).load_state_dict(optimizer.state_dict())


def test_zero_grad():
    optimizer = SGD(start(), 0.1)
    set_gradients(optimizer.parameters, 0)
    optimizer.zero_grad()
    assert [p.grad for p in optimizer.parameters] == [None] * 3


# --- schedules against PyTorch -------------------------------------------------------------------

SCHEDULES = {
    "step_lr": lambda o: StepLR(o, 7),
    "step_lr_gamma": lambda o: StepLR(o, 4, gamma=0.5),
    "cosine": lambda o: CosineAnnealingLR(o, 25),
    "cosine_rest": lambda o: CosineAnnealingLR(o, 10, eta_min=0.05),
    "one_cycle": lambda o: OneCycleLR(o, 0.8, 40),
    "one_cycle_odd": lambda o: OneCycleLR(o, 0.8, 33, pct_start=0.25),
    "one_cycle_linear": lambda o: OneCycleLR(o, 0.8, 40, anneal_strategy="linear"),
    "one_cycle_options": lambda o: OneCycleLR(o, 2.0, 37, 0.4, div_factor=10, final_div_factor=50),
    "one_cycle_short": lambda o: OneCycleLR(o, 1.0, 2, 0.9),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_of_schedules(name):
    want, rates = GOLDEN[f"{name}.rates"], []
    optimizer = SGD(start(), lr=0.4)
    schedule = SCHEDULES[name](optimizer)
    for _ in want:
        rates.append(optimizer.lr)
        assert type(optimizer.lr) is float, "a rate is a Python float: numpy's would turn float32 steps into float64"
        schedule.step()
    same(f"rates of {name}", rates, want)
    saved, again = schedule.state_dict(), SCHEDULES[name](SGD(start(), lr=9.9))
    again.load_state_dict(saved)
    assert again.steps == len(want)
    assert again.lr_at(1) == schedule.lr_at(1), "a resumed schedule knows the rate that it began with"


def test_mistakes_with_schedules():
    optimizer = SGD(start(), 0.1)
    with pytest.raises(NotImplementedError, match="Schedule"):
        Schedule(optimizer)
    with pytest.raises(ValueError, match="linear"):
        OneCycleLR(optimizer, 1.0, 10, anneal_strategy="cosine")
    for options in ({"total_steps": 0}, {"total_steps": 9, "pct_start": 1}, {"total_steps": 9, "pct_start": -0.1}):
        with pytest.raises(ValueError, match="pct_start"):
            OneCycleLR(optimizer, 1.0, **options)
    schedule = OneCycleLR(optimizer, 1.0, 3)
    for _ in range(3):
        schedule.step()
    with pytest.raises(ValueError, match="step 4 of a cycle of 3"):
        schedule.step()


def test_a_network_as_in_pytorch():
    model, loss_fn = Sequential(Linear(6, 5), ReLU(), Linear(5, 4)), CrossEntropyLoss()
    for i, parameter in enumerate(model.parameters()):
        parameter.data = GOLDEN[f"network.p{i}"].copy()
    optimizer = AdamW(model.parameters(), 0.1, weight_decay=0.1)
    schedule, x, labels = OneCycleLR(optimizer, 0.1, 12), GOLDEN["network.x"], GOLDEN["network.labels"]
    for step in range(12):
        batch = slice(5 * (step % 4), 5 * (step % 4) + 5)
        loss, right = training.train_step(model, loss_fn, optimizer, Tensor(x[batch]), Tensor(labels[batch]))
        same(f"loss of step {step + 1}", loss, GOLDEN["network.losses"][step])
        assert type(loss) is float
        assert type(right) is float
        schedule.step()
    for i, parameter in enumerate(model.parameters()):
        same(f"parameter {i} after twelve steps", parameter, GOLDEN[f"network.after{i}"])


# --- metrics -------------------------------------------------------------------------------------


def test_mean_weights_by_count():
    mean = Mean()
    assert math.isnan(mean.value)
    mean.update(2.0, count=3)
    mean.update(6.0)
    assert mean.value == 3.0
    mean.update(math.nan)
    assert math.isnan(mean.value), "a nan must not get lost"


def test_history_keeps_and_draws():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    history = History()
    for i in range(3):
        history.add(loss=1 / (i + 1), val_loss=2.0, accuracy=0.5)
    assert history == {"loss": [1, 1 / 2, 1 / 3], "val_loss": [2.0] * 3, "accuracy": [0.5] * 3}
    assert [axes.get_ylabel() for axes in history.plot().axes] == ["loss", "accuracy"]
    again = History(old=[1])
    again.load_state_dict(history.state_dict())
    assert again == history
    assert [type(value) for value in again["loss"]] == [float] * 3


def test_early_stopping():
    stopping = EarlyStopping(patience=2)
    assert [stopping.update(loss) for loss in (3.0, 2.0, 2.0, 1.0, math.nan)] == [False] * 5
    again = EarlyStopping(patience=2)
    again.load_state_dict(stopping.state_dict())
    assert (again.best, again.waited) == (1.0, 1)
    assert again.update(5.0) is True
    small = EarlyStopping(patience=1, min_delta=0.1)
    assert [small.update(loss) for loss in (1.0, 0.95)] == [False, True]


# --- what a model is, and files ------------------------------------------------------------------


class Block(Module):
    """Has a parameter, numbers that nobody learns, layers in a list, and one of its own computing."""

    def __init__(self):
        self.scale = Tensor(np.array(2.0), requires_grad=True)
        self.running = Tensor(np.arange(3.0))
        self.computed = self.scale * 2.0
        self.layers = [Linear(2, 3), ReLU(), (Linear(3, 1), "text")[0]]
        self.note = "text"


NAMES = ["scale", "running", *(f"layers.{i}.{name}" for i in (0, 2) for name in ("weight", "bias"))]


def test_state_dict_names_everything_and_copies():
    block = Block()
    state = training.state_dict(block)
    assert list(state) == NAMES
    assert dict(training.named_tensors(block))["running"] is block.running
    block.running.data += 1
    np.testing.assert_array_equal(state["running"], [0, 1, 2], err_msg="what was saved changes with the model")
    assert list(training.state_dict(Sequential(Block()))) == [f"layers.0.{name}" for name in NAMES]


def test_load_state_dict_copies_into_the_arrays():
    block, other = Block(), Block()
    arrays = [tensor.data for _, tensor in training.named_tensors(block)]
    other.scale.data[...] = 7.0
    training.load_state_dict(block, dict(reversed(training.state_dict(other).items())))
    for array, (name, tensor), want in zip(
        arrays, training.named_tensors(block), training.state_dict(other).values(), strict=True
    ):
        assert tensor.data is array, f"{name} got another array: an optimizer would hold on to the old one"
        np.testing.assert_array_equal(array, want)


def test_load_state_dict_says_what_does_not_fit():
    block = Block()
    before, state = training.state_dict(block), training.state_dict(Block())
    state["scale"] += 1
    del state["running"]
    state |= {"foreign": np.zeros(1), "layers.0.bias": np.zeros((3, 1))}
    with pytest.raises(ValueError, match="running") as caught:
        training.load_state_dict(block, state)
    for part in ("foreign", "layers.0.bias", "(3, 1)", "(3,)"):
        assert part in str(caught.value), f"{part} is not named in: {caught.value}"
    for name, array in training.state_dict(block).items():
        np.testing.assert_array_equal(array, before[name], err_msg=f"{name} was changed before the error")


def test_files_are_whole_or_not_there(tmp_path):
    path = tmp_path / "some.checkpoint"
    arrays = {"a.b": np.arange(3, dtype=np.float32), "a.kind": np.array("SGD"), "a.none": np.zeros((0, 2))}
    training.save_arrays(path, arrays)
    found = training.load_arrays(path)
    assert sorted(found) == sorted(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)

    class Torn:
        def __array__(self, *args, **kwargs):
            raise OSError("no space left on device")

    for bad, error in [(Torn(), OSError), (np.array([{}, None]), ValueError)]:
        with pytest.raises(error):
            training.save_arrays(path, {"a.first": np.zeros(5), "a.bad": bad})
        assert sorted(training.load_arrays(path)) == sorted(arrays), "what was there before is lost"


def test_damaged_files(tmp_path):
    path = tmp_path / "checkpoint.npz"
    with pytest.raises(FileNotFoundError):
        training.load_arrays(path)
    training.save_arrays(path, {"a.b": np.zeros(1000)})
    whole = path.read_bytes()
    for content in (b"", b"no checkpoint", whole[: len(whole) // 2], whole[:-200]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"checkpoint\.npz"):
            training.load_arrays(path)


# --- a NaN, and where it began -------------------------------------------------------------------


def small_model(seed=0):
    rng = np.random.default_rng(seed)
    return Sequential(Linear(4, 5, rng), ReLU(), Sequential(Linear(5, 3, rng)))


def test_first_bad_layer():
    model, x = small_model(), Tensor(np.ones((2, 4), np.float32))
    assert training.first_bad_layer(model, x).startswith("all results of the model are finite")
    holed = Tensor(np.array([[1, np.inf, np.nan, 1]], np.float32))
    assert training.first_bad_layer(model, holed) == "the input: 2 of 4 numbers are not finite"
    model.layers[0].weight.data[:] = 3e38
    assert training.first_bad_layer(model, x) == "linear of layers.0: 10 of 10 numbers are not finite"
    model.layers[2].layers[0].bias.data[0] = np.nan
    assert training.first_bad_layer(model, x) == "layers.2.layers.0.bias: 1 of 3 numbers are not finite"
    assert listeners == [], "somebody still listens to every operation"


def test_results_of_operations_without_parameters_are_placed():
    class Logs(Module):
        def __init__(self):
            self.first = Linear(2, 2)

        def forward(self, x):
            return self.first(x.log()).log()

    model = Logs()
    model.first.weight.data[:], model.first.bias.data[:] = 0.0, 0.0
    where = [name for name, _ in training.results_by_layer(model, Tensor(np.ones((1, 2), np.float32)))]
    assert where == [
        "the input",
        "first.weight",
        "first.bias",
        "log at the beginning",
        "linear of first",
        "log after first",
    ]
    said = training.first_bad_layer(model, Tensor(np.ones((1, 2), np.float32)))
    assert said == "log after first: 2 of 2 numbers are not finite"


def test_a_nan_stops_before_anything_is_spoiled():
    model, loss_fn = small_model(), CrossEntropyLoss()
    optimizer = SGD(model.parameters(), 0.1)
    x, labels = Tensor(np.ones((2, 4), np.float32)), Tensor(np.array([0, 2]))
    training.train_step(model, loss_fn, optimizer, x, labels)
    before = training.state_dict(model)
    holed = Tensor(np.array([[1, np.nan, 1, 1]] * 2, np.float32))
    with pytest.raises(FloatingPointError, match=r"(?s)(?=.*step 2)(?=.*nan)(?=.*the input: 2 of 8)"):
        training.train_step(model, loss_fn, optimizer, holed, labels)
    for name, array in training.state_dict(model).items():
        np.testing.assert_array_equal(array, before[name], err_msg=f"{name} was changed by a step that failed")
    assert optimizer.steps == 1


def test_a_step_uses_the_gradients_of_its_own_batch():
    x, labels = Tensor(np.ones((2, 4), np.float32)), Tensor(np.array([0, 2]))
    found = []
    for left_over in (None, Tensor(np.full(5, 1e6, np.float32))):
        model = small_model()
        model.layers[0].bias.grad = left_over
        training.train_step(model, CrossEntropyLoss(), SGD(model.parameters(), 0.1), x, labels)
        found.append(model.layers[0].bias.data)
    np.testing.assert_array_equal(*found, err_msg="a gradient from before had a part in the step")


# --- evaluation ----------------------------------------------------------------------------------


class Modes(Module):
    """A layer that notes in which mode it is used, and whether a graph is made."""

    def __init__(self):
        self.weight, self.seen = Tensor(np.eye(3, dtype=np.float32), requires_grad=True), []

    def forward(self, x):
        out = x @ self.weight
        self.seen.append((self.training, out.requires_grad))
        return out


@pytest.mark.parametrize("mode", [True, False])
def test_evaluate(mode):
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((23, 3)).astype(np.float32), rng.integers(0, 3, 23)
    model, loss_fn = Sequential(Modes()), CrossEntropyLoss()
    model.train(mode)
    found = training.evaluate(model, loss_fn, DataLoader(ArrayDataset(x, labels), batch_size=5))
    same("mean loss over all samples", found["loss"], loss_fn(Tensor(x), labels).item(), rtol=1e-5)
    same("mean accuracy over all samples", found["accuracy"], accuracy(x, labels), rtol=1e-9)
    assert model.layers[0].seen == [(False, False)] * 5, "eval mode, and no graph"
    assert [module.training for module in model.modules()] == [mode] * 2, "the mode is what it was"
    assert model(Tensor(x)).requires_grad, "recording is on again"


# --- the trainer ---------------------------------------------------------------------------------

rng = np.random.default_rng(1)
POINTS = rng.standard_normal((60, 4)).astype(np.float32)
LABELS = (POINTS @ rng.standard_normal((4, 3))).argmax(axis=1)


def build(checkpoint=None, patience=99):
    model = small_model()
    optimizer = AdamW(model.parameters(), 0.01)
    schedule, stopping = OneCycleLR(optimizer, 0.03, 6 * 7), EarlyStopping(patience)
    trainer = Trainer(model, CrossEntropyLoss(), optimizer, schedule, stopping, checkpoint)
    loader = DataLoader(ArrayDataset(POINTS[:40], LABELS[:40]), 6, shuffle=True, seed=3)
    return trainer, loader, DataLoader(ArrayDataset(POINTS[40:], LABELS[40:]), 20)


def test_fit_keeps_the_books():
    trainer, loader, val_loader = build()
    calls = []
    history = trainer.fit(loader, val_loader, 6, report=lambda *values: calls.append(values))
    assert history is trainer.history
    assert sorted(history) == ["accuracy", "loss", "lr", "val_accuracy", "val_loss"]
    assert {len(values) for values in history.values()} == {6}
    assert (trainer.epoch, trainer.step, loader.epoch) == (6, 42, 6)
    assert [call[:3] for call in calls] == [(epoch, i, 7) for epoch in range(1, 7) for i in range(1, 8)]
    assert [call[3] for call in calls[6::7]] == history["loss"], "the last report of an epoch has its mean"
    assert [call[4] for call in calls[6::7]] == history["accuracy"]
    same("the rate of the last step", history["lr"][-1], 0.03 / 25 / 1e4)
    assert history["loss"][-1] < 0.8 * history["loss"][0], "it hardly learns"
    assert history["val_loss"][-1] == trainer.evaluate(val_loader)["loss"]


class PowerCut(Exception):
    """What happens in the middle of an epoch."""


def cut_in(epoch):
    def report(now, step, *_):
        if (now, step) == (epoch, 3):
            raise PowerCut

    return report


@pytest.mark.parametrize("done", [1, 4])
def test_training_goes_on_bit_for_bit(tmp_path, done):
    whole, loader, val_loader = build()
    whole.fit(loader, val_loader, 6)
    path = tmp_path / "checkpoint.npz"
    first, loader, val_loader = build(path)
    with pytest.raises(PowerCut):
        first.fit(loader, val_loader, 6, report=cut_in(done + 1))
    second, loader, val_loader = build()
    training.load_checkpoint(path, second)
    assert (second.epoch, second.step, len(second.history["loss"])) == (done, 7 * done, done)
    second.fit(loader, val_loader, 6 - done)
    assert second.history == whole.history
    mine, theirs = second.state_dict(), whole.state_dict()
    assert sorted(mine) == sorted(theirs)
    for name, array in theirs.items():
        np.testing.assert_array_equal(mine[name], array, err_msg=f"{name} is not what it would have been")


def test_a_checkpoint_is_an_npz_without_pickle(tmp_path):
    trainer, loader, val_loader = build()
    trainer.fit(loader, val_loader, 1)
    training.save_checkpoint(tmp_path / "a.npz", trainer)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        names = set(file.files)
        assert str(file["optimizer.kind"]) == "AdamW"
        assert int(file["loader.epoch"]) == 1
    assert {"model.layers.0.weight", "optimizer.0.m", "scheduler.steps", "early_stopping.best"} <= names
    assert {"history.val_loss", "trainer.epoch"} <= names
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"], "nothing else is left behind"


def test_checkpoints_that_do_not_fit(tmp_path):
    trainer, loader, _ = build(tmp_path / "a.npz")
    trainer.fit(loader)
    model = small_model()
    with pytest.raises(ValueError, match="scheduler"):
        training.load_checkpoint(tmp_path / "a.npz", Trainer(model, CrossEntropyLoss(), AdamW(model.parameters())))
    other, _, _ = build()
    other.model.layers[0].bias = Tensor(np.zeros(9), requires_grad=True)
    with pytest.raises(ValueError, match=r"(?s)(?=.*layers\.0\.bias)(?=.*\(9,\))"):
        training.load_checkpoint(tmp_path / "a.npz", other)
    training.save_arrays(tmp_path / "b.npz", {"weights.only": np.zeros(3)})
    with pytest.raises(ValueError, match="weights"):
        training.load_checkpoint(tmp_path / "b.npz", build()[0])


def test_saved_before_it_goes_on(tmp_path):
    """Loaded and saved again without an epoch in between, nothing is lost."""
    trainer, loader, val_loader = build(tmp_path / "a.npz")
    trainer.fit(loader, val_loader, 2)
    second, _, _ = build()
    training.load_checkpoint(tmp_path / "a.npz", second)
    training.save_checkpoint(tmp_path / "b.npz", second)
    a, b = (training.load_arrays(tmp_path / f"{name}.npz") for name in "ab")
    assert sorted(a) == sorted(b)
    for name, array in a.items():
        np.testing.assert_array_equal(array, b[name], err_msg=name)


def test_early_stopping_stops_and_is_saved(tmp_path):
    trainer, loader, val_loader = build(tmp_path / "a.npz", patience=1)
    trainer.early_stopping.min_delta = 100.0
    history = trainer.fit(loader, val_loader, 6)
    assert len(history["loss"]) == 2, "the first loss is the best so far, the second is no improvement of 100"
    saved = training.load_arrays(tmp_path / "a.npz")
    assert int(saved["early_stopping.waited"]) == 1, "the checkpoint is written after early stopping was asked"
    assert float(saved["early_stopping.best"]) == history["val_loss"][0]
    assert int(saved["trainer.epoch"]) == 2
    assert int(saved["loader.epoch"]) == 2
    alone, loader, _ = build(patience=1)
    alone.fit(loader)
    assert alone.early_stopping.best == alone.history["loss"][0], "without validation, the training's loss counts"


def test_batches_may_come_from_a_list():
    model = small_model()
    trainer = Trainer(model, CrossEntropyLoss(), SGD(model.parameters(), 0.1))
    batches = [(Tensor(POINTS[:8]), Tensor(LABELS[:8])), (Tensor(POINTS[8:10]), Tensor(LABELS[8:10]))]
    first = training.evaluate(model, CrossEntropyLoss(), batches)["loss"]
    history = trainer.fit(batches, batches, epochs=3)
    assert sorted(history) == ["accuracy", "loss", "lr", "val_accuracy", "val_loss"]
    assert history["lr"] == [0.1] * 3
    assert history["val_loss"][-1] < first
    assert sorted(trainer.fit(batches)) == sorted(history)


def test_it_trains_in_train_mode():
    layer = Modes()
    trainer = Trainer(Sequential(layer), CrossEntropyLoss(), SGD([layer.weight], 0.1))
    trainer.model.eval()
    batches = [(Tensor(POINTS[:8, :3]), Tensor(LABELS[:8]))]
    trainer.fit(batches, batches, epochs=2)
    assert layer.seen == [(True, True), (False, False)] * 2


def test_the_loss_of_an_epoch_counts_samples():
    model = small_model()
    trainer = Trainer(model, CrossEntropyLoss(), SGD(model.parameters(), 0.0))
    batches = [(Tensor(POINTS[:8]), Tensor(LABELS[:8])), (Tensor(POINTS[8:10]), Tensor(LABELS[8:10]))]
    history = trainer.fit(batches)
    logits = model(Tensor(POINTS[:10]))
    same("loss of an epoch", history["loss"][0], CrossEntropyLoss()(logits, LABELS[:10]).item(), rtol=1e-5)
    same("accuracy of an epoch", history["accuracy"][0], accuracy(logits, LABELS[:10]), rtol=1e-9)


def test_no_thread_is_left():
    threads, (trainer, _, val_loader) = set(threading.enumerate()), build()
    loader = DataLoader(ArrayDataset(POINTS, LABELS), 10, num_workers=2)
    spoiled = POINTS.copy()
    spoiled[25] = np.nan
    with pytest.raises(FloatingPointError, match="step 3"):
        trainer.fit(DataLoader(ArrayDataset(spoiled, LABELS), 10, num_workers=2), val_loader)
    trainer.fit(loader, val_loader)
    assert not set(threading.enumerate()) - threads


@pytest.mark.parametrize("bad", [-1e-3, -1, float("nan"), -float("inf")])
def test_numbers_with_which_an_optimizer_would_go_uphill_are_refused(bad):
    parameters = [Tensor([1.0], requires_grad=True)]
    makers = [lambda kind=kind: kind(parameters, lr=bad) for kind in (SGD, Adam, AdamW)]
    makers += [lambda: SGD(parameters, 0.1, momentum=bad), lambda: Adam(parameters, betas=(0.9, bad))]
    makers += [lambda kind=kind: kind(parameters, lr=0.1, weight_decay=bad) for kind in (SGD, Adam, AdamW)]
    for make in [*makers, lambda: Adam(parameters, eps=bad), lambda: Adam(parameters, betas=(bad, 0.9))]:
        with pytest.raises(ValueError, match="at least 0"):
            make()
    with pytest.raises(ValueError, match="less than 1"):
        Adam(parameters, betas=(0.9, 1))


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
def test_a_layer_that_is_used_twice_takes_one_step(kind):
    def learned(*layers):
        model, once = Sequential(*layers), layers[0]
        optimizer = kind(once.parameters() + model.parameters(), lr=0.1)
        out = model(Tensor(np.ones((2, 3), np.float32)))
        out.sum().backward()
        optimizer.step()
        return once.weight.data, once.weight.grad.data

    shared = Linear(3, 3, np.random.default_rng(0))
    before = shared.weight.data.copy()
    weight, grad = learned(shared, ReLU(), shared)
    alone = Tensor(before, requires_grad=True)
    alone.grad = Tensor(grad)
    kind([alone], lr=0.1).step()
    same("one step", weight, alone.data, rtol=1e-6)


@pytest.mark.parametrize("size", [1e10, 1e18, 1e19, 1e20, 5e20])
def test_the_first_step_of_adam_is_lr_for_gradients_of_any_size(size):
    p = Tensor(np.zeros(2, np.float32), requires_grad=True)
    p.grad = Tensor(np.array([size, -size], np.float32))
    with np.errstate(over="raise"):
        Adam([p], lr=0.1).step()
    same("p", p, [-0.1, 0.1], rtol=1e-5)


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
def test_a_step_between_forward_and_backward_is_noticed(kind):
    model = Sequential(Linear(3, 3), ReLU(), Linear(3, 2))
    optimizer, x, labels = kind(model.parameters(), lr=0.1), Tensor(np.ones((2, 3), np.float32)), np.array([0, 1])
    losses = [CrossEntropyLoss()(model(x), labels) for _ in range(2)]
    losses[0].backward()
    optimizer.step()
    with pytest.raises(RuntimeError, match="moved an input of linear"):
        losses[1].backward()
    CrossEntropyLoss()(model(x), labels).backward()


def test_workers_and_their_loop_switch_recording_each_for_itself():
    weight = Tensor([2.0], requires_grad=True)

    def enhance(image, rng):
        with no_grad():
            time.sleep(0.001)
            return (weight * Tensor(image)).numpy()

    items = ArrayDataset(np.ones((40, 1, 2, 2), np.float32), np.arange(40), transform=enhance)
    for _ in DataLoader(items, batch_size=4, num_workers=4):
        assert (weight * 2).requires_grad
    with no_grad():
        for images, _ in DataLoader(items, batch_size=4, num_workers=4):
            assert images.data.min() == 2
            assert not (weight * 2).requires_grad
    assert (weight * 2).requires_grad
