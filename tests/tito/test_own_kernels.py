"""A milestone on the user's own kernels: what its steps run on, what it says of their time, and what it refuses."""

import importlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from tinytorch.core import kernels, mlp
from tinytorch.core.tensor import stand_ins

from tito.milestones import cnn_cifar10, mlp_mnist
from tito.milestones.own_kernels import ROUNDS, OwnKernels, Step, refuse_fixed
from tito.milestones.recipe import Progress, Result
from tito.workspace import UserError, Workspace

ROW = "  - {name: kernels, title: Kernels, goal: Speed, prerequisites: [mlp], minutes: 90, due: null}\n"


def training(report, steps, every=1):
    """Steps of 2 s on own kernels and 1 s without, the first ones of each slow. Returns what each ran on."""
    seconds, ran_on = 0.0, []
    for step in range(1, steps + 1):
        own = stand_ins.get() is kernels.KERNELS
        seconds += (2 if own else 1) + 100 * (own not in ran_on)
        ran_on.append(own)
        if step % every == 0:
            report(Progress(1, 1, step, steps, 1.0, None, seconds, 0.0))
    return ran_on


@pytest.mark.parametrize("every", [1, 3])
def test_the_first_steps_take_turns_and_the_others_run_on_own_kernels(every):
    seen = []
    with OwnKernels(seen.append) as reporting:
        ran_on = training(reporting, every * (2 * ROUNDS + 10), every)
    turns = ran_on[::every]
    assert turns[: 2 * ROUNDS + 3] == [i % 2 == 0 for i in range(2 * ROUNDS + 3)]
    assert all(turns[2 * ROUNDS + 3 :])
    assert stand_ins.get() is None
    assert len(seen) == 2 * ROUNDS + 10
    assert reporting.step() == Step(2.0, 1.0, ROUNDS)
    assert str(reporting.step()).startswith(
        "A training step took 2000.00 ms on your own kernels, 1000.00 ms on numpy's"
    )


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_too_few_steps_are_not_compared(steps):
    with OwnKernels(lambda progress: None) as reporting:
        training(reporting, steps)
    assert reporting.step() == Step(None, None, 0)
    assert str(reporting.step()).startswith("There were too few steps")


def test_an_error_leaves_no_kernel_behind():
    def fail(progress):
        raise KeyError

    with pytest.raises(KeyError), OwnKernels(fail) as reporting:
        training(reporting, 1)
    assert stand_ins.get() is None


def test_the_threads_of_cifar10_run_on_what_the_training_runs_on():
    with ThreadPoolExecutor(2) as threads, kernels.use():
        learner = SimpleNamespace(threads=threads)
        found = cnn_cifar10.Learner.in_threads(learner, lambda a, b: (a + b, stand_ins.get()), [1, 2], [3, 4])
    assert found == [(4, kernels.KERNELS), (6, kernels.KERNELS)]


def test_a_function_that_no_kernel_can_stand_in_for_is_named(monkeypatch):
    monkeypatch.setattr(mlp, "linear_backward", mlp.linear_backward.__wrapped__)
    with pytest.raises(UserError, match="Module mlp: your kernels can't stand in for linear_backward"):
        refuse_fixed(kernels)


def test_kernels_can_stand_in_for_all_that_they_name():
    found = set()
    for name in Workspace.find(Path(__file__)).course.modules:
        module = importlib.import_module(f"tinytorch.core.{name}")
        found |= {key for key in kernels.KERNELS if module is not kernels and hasattr(module, key)}
    refuse_fixed(kernels)
    assert found == set(kernels.KERNELS)


def test_without_numba_there_is_nothing_to_compare(monkeypatch):
    monkeypatch.setattr(kernels, "NJIT", None)
    with pytest.raises(UserError, match="need Numba"):
        OwnKernels(lambda progress: None)


@pytest.fixture
def ready(home, monkeypatch):
    """A workspace with a data set, and a recipe of 40 steps."""
    packed = home.dataset(monkeypatch)
    folder = home / "data/mnist"
    folder.mkdir(parents=True)
    for name, content in packed.items():
        (folder / name).write_bytes(content)
    home.solve("mlp")
    with (home / "course.yml").open("a") as manifest:
        manifest.write(ROW)

    def run(data, report, epochs=4):
        training(report, 40)
        return Result(0.97, 0.95, 4.5, epochs, 101_770)

    monkeypatch.setattr(mlp_mnist, "run", run)
    return home


def test_ctrl_c_says_where_what_is_kept_and_what_the_steps_took(ready, monkeypatch):
    def run(data, report, epochs=4):
        training(report, 35)
        raise KeyboardInterrupt

    monkeypatch.setattr(mlp_mnist, "run", run)
    for options in (["--own-kernels"], []):
        done = ready.tito("milestone", "mnist", *options)
        said = " ".join(done.err.split())
        assert done.code == 130
        assert "interrupted at step 35 of 35. Nothing of this training is kept: the next run starts anew." in said
        assert ("A training step took 2000.00 ms on your own kernels" in said) == bool(options)


def test_it_says_what_a_step_takes(ready):
    done = ready.tito("milestone", "mnist", "--own-kernels")
    assert done.code == 0, done.err
    assert "A training step took 2000.00 ms on your own kernels, 1000.00 ms on numpy's BLAS" in done.out
    assert ready.tito("milestone", "mnist", "--own-kernels", "--json").json["step"] == {
        "own": 2.0,
        "blas": 1.0,
        "measured": ROUNDS,
    }
    assert ready.tito("milestone", "mnist", "--json").json["step"] is None
    assert "own kernels" not in ready.tito("milestone", "mnist").out


def test_a_course_without_kernels(ready):
    manifest = ready / "course.yml"
    manifest.write_text(manifest.read_text().replace(ROW, ""))
    done = ready.tito("milestone", "mnist", "--own-kernels")
    assert (done.code, "This course has no module kernels" in done.err) == (2, True)


def test_what_is_missing_is_no_error_of_the_users_layers(ready, monkeypatch):
    monkeypatch.setattr(mlp, "linear", mlp.linear.__wrapped__)
    done = ready.tito("milestone", "mnist", "--own-kernels")
    assert done.code == 2
    assert "@replaceable is missing above it" in done.err
    assert "sync --module mlp" in done.err
