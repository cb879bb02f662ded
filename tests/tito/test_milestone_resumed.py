"""Recipes that keep their state and show curves, and milestones of several modules; the recipes are stand-ins."""

import os
import signal
import sys
from types import ModuleType

import numpy as np
import pytest
from matplotlib.figure import Figure

from tito import state
from tito.console import console
from tito.draw import milestone as draw
from tito.milestones.recipe import Progress, Result

STEPS = 12


class Recipe(ModuleType):
    """Trains nothing in 3 epochs of 4 steps; `at` says what happens at a step."""

    RESUMABLE = True

    def __init__(self):
        super().__init__("recipe")
        self.at, self.calls, self.begun_at, self.accuracy = {}, [], [], 0.85

    def run(self, data, report, epochs=3, folder=None, stop=lambda: False):
        self.calls.append((data, epochs))
        saved = folder / "state.npz"
        step = int(saved.read_text()) if saved.is_file() else 0
        self.begun_at.append(step)
        while step < STEPS:
            step += 1
            self.at.get(step, lambda: None)()
            report(Progress(min(step // 4 + 1, epochs), epochs, step, STEPS, 1 / step, step / 20, step, STEPS - step))
            if stop():
                folder.mkdir(parents=True, exist_ok=True)
                saved.write_text(str(step))
                break
        labels = np.array([*range(10)] * 2, np.uint8)
        guesses = np.where(np.arange(20) < 17, labels, (labels + 1) % 10).astype(np.uint8)
        curves = tuple(
            {"epoch": e, "loss": 1 / e, "accuracy": e / 4, "test_accuracy": e / 5, "seconds": e} for e in range(1, 4)
        )
        answers = guesses, labels, np.full(20, 0.7, np.float32)
        return Result(self.accuracy, 0.80, 61.5, epochs, 557_258, step == STEPS, curves, *answers)


@pytest.fixture
def recipe(monkeypatch):
    made = Recipe()
    monkeypatch.setitem(sys.modules, "tito.milestones.cnn_cifar10", made)
    monkeypatch.setattr("tito.milestones.cnn_cifar10", made, raising=False)
    made.__spec__ = sys.modules["tito"].__spec__  # find_spec asks for it
    return made


@pytest.fixture(autouse=True)
def quick_picture(request, monkeypatch):
    """An empty picture: the real one takes a second, and test_reached and test_the_picture draw that."""
    if request.function not in (test_reached, test_the_picture):
        monkeypatch.setattr(draw, "result", lambda *parts: Figure())


@pytest.fixture
def packed(home, monkeypatch):
    made = home.archive(monkeypatch)
    made.write(home / "data/cifar10")
    return made


@pytest.fixture
def ready(home, packed, recipe):
    """A workspace with the data, and with a module cnn that is exported."""
    home.path("cnn").parent.mkdir()
    home.write("cnn", home.read("mlp"))
    export(home, "cnn")
    return home


def export(home, *modules):
    for module in modules:
        path = home / f"tinytorch/core/{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def press():
    """Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def folder(home):
    return home / "milestones/cifar10"


def test_reached(ready, recipe):
    done = ready.tito("milestone", "cifar10")
    assert (done.code, done.err) == (0, "")
    assert "557,258 parameters, 3 epochs, 61.5 s" in done.out
    assert "Test accuracy after each epoch: 20.0%, 40.0%, 60.0%" in done.out
    assert "Test accuracy 85.00%, target >80% accuracy on CIFAR-10: reached" in done.out
    assert "not the published pixels" not in done.out
    assert "Curves, confusions and mistakes: milestones/cifar10/result.png" in done.out
    assert (folder(ready) / "result.png").read_bytes().startswith(b"\x89PNG")
    assert recipe.calls == [(ready / "data/cifar10", 3)]
    known = {"accuracy": 0.85, "reached": True, "published": True}
    assert state.recall(ready.workspace)["milestones"] == {"cnn_cifar10": known}


def test_not_reached(ready, recipe):
    recipe.accuracy = 0.8
    assert ready.tito("milestone", "cifar10").code == 1
    assert (folder(ready) / "result.png").is_file()


def test_on_a_copy(ready, packed):
    packed.write(ready / "data/cifar10", packed.copy())
    done = ready.tito("milestone", "cifar10")
    assert done.code == 0
    assert "reached" in done.out
    assert "Measured on a copy, not the published pixels of CIFAR-10" in done.out
    assert ready.tito("milestone", "cifar10", "--json").json["published"] is False
    assert state.recall(ready.workspace)["milestones"]["cnn_cifar10"]["published"] is False


def test_json(ready):
    done = ready.tito("milestone", "cifar10", "--json")
    assert done.code == 0
    known = done.json
    assert len(known["curves"]) == 3
    assert known["curves"][2] == {"epoch": 3, "loss": 1 / 3, "accuracy": 0.75, "test_accuracy": 0.6, "seconds": 3}
    assert known["picture"] == str(folder(ready) / "result.png")
    assert (known["milestone"], known["module"], known["finished"], known["reached"]) == ("cifar10", "cnn", True, True)
    assert not {"guesses", "labels", "confidences"} & known.keys()


def test_ctrl_c_saves_and_the_same_command_goes_on(ready, recipe):
    before = signal.getsignal(signal.SIGINT)
    recipe.at[5] = press
    done = ready.tito("milestone", "cifar10", "--module", "cnn", "--epochs", "3")
    assert done.code == 130
    assert "finishing this step, then the state is saved; Ctrl-C again stops at once" in done.out
    assert "The state is in milestones/cifar10/state.npz. To go on:\n" in done.out
    assert "  python bin/tito.py milestone cifar10 --module cnn --epochs 3\n" in done.out
    assert "reached" not in done.out
    assert (folder(ready) / "state.npz").read_text() == "5"
    assert state.recall(ready.workspace)["milestones"] == {}
    assert signal.getsignal(signal.SIGINT) is before
    recipe.at.clear()
    done = ready.tito("milestone", "cifar10", "--module", "cnn", "--epochs", "3")
    assert done.code == 0
    assert "Going on from milestones/cifar10/state.npz if it is of this recipe and as many epochs" in done.out
    assert recipe.begun_at == [0, 5]
    assert [path.name for path in folder(ready).iterdir()] == ["result.png"]


def test_ctrl_c_for_a_program(ready, recipe):
    recipe.at[5] = press
    done = ready.tito("milestone", "cifar10", "--json")
    assert done.code == 130
    assert "finishing this step" in done.err
    assert (done.json["finished"], done.json["reached"]) == (False, False)
    assert done.json["go_on"] == "python bin/tito.py milestone cifar10"


def test_ctrl_c_at_the_last_step_is_a_result(ready, recipe):
    recipe.at[STEPS] = press
    assert ready.tito("milestone", "cifar10").code == 0
    assert not (folder(ready) / "state.npz").exists()


def test_a_second_ctrl_c_ends_it_at_once(ready, recipe):
    before = signal.getsignal(signal.SIGINT)

    def twice():
        press()
        press()

    recipe.at[5] = twice
    done = ready.tito("milestone", "cifar10")
    assert done.code == 130
    anew = "interrupted at step 4 of 12. Nothing of this training is kept: the next run starts anew."
    assert anew in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert not (folder(ready) / "state.npz").exists()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_says_that_an_earlier_state_stays(ready, recipe):
    recipe.at[5] = press
    ready.tito("milestone", "cifar10")
    recipe.at = {7: lambda: (press(), press())}
    said = " ".join(ready.tito("milestone", "cifar10").err.split())
    assert (
        "interrupted at step 6 of 12. What was last saved stays in milestones/cifar10/state.npz: the next run" in said
    )
    assert (folder(ready) / "state.npz").read_text() == "5"


def test_ctrl_c_stays_ignored_where_it_is(ready, recipe, monkeypatch):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        recipe.at[5] = press
        assert ready.tito("milestone", "cifar10").code == 0
    finally:
        signal.signal(signal.SIGINT, before)


def test_fresh(ready, recipe):
    recipe.at[5] = press
    ready.tito("milestone", "cifar10")
    recipe.at.clear()
    done = ready.tito("milestone", "cifar10", "--fresh")
    assert done.code == 0
    assert "Going on" not in done.out
    assert recipe.begun_at == [0, 0]


def test_an_error_on_the_way_keeps_the_state(ready, recipe):
    def fail():
        raise ValueError("too large")

    recipe.at = {5: press}
    ready.tito("milestone", "cifar10")
    recipe.at = {7: fail}
    done = ready.tito("milestone", "cifar10")
    assert done.code == 1
    assert "ValueError: too large" in done.err
    assert (folder(ready) / "state.npz").read_text() == "5"


def test_a_line_an_epoch_in_a_terminal(ready, monkeypatch):
    assert "epoch 1 of 3" not in ready.tito("milestone", "cifar10").out
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    console.cache_clear()
    done = ready.tito("milestone", "cifar10")
    for epoch, line in enumerate(("loss 0.2500, accuracy 20.0%", "loss 0.1250, accuracy 40.0%", "loss 0.0833"), 1):
        assert f"epoch {epoch} of 3: {line}" in done.out
    console.cache_clear()
    assert "epoch 1 of 3" not in ready.tito("milestone", "cifar10", "--json").out


@pytest.fixture
def two(ready, monkeypatch):
    """Both mlp and cnn have the milestone cifar10."""
    manifest = ready / "course.yml"
    manifest.write_text(manifest.read_text().replace("milestone: mnist", "milestone: cifar10"))
    other = Recipe()
    monkeypatch.setitem(sys.modules, "tito.milestones.mlp_cifar10", other)
    other.__spec__ = sys.modules["tito"].__spec__
    return ready, other, sys.modules["tito.milestones.cnn_cifar10"]


@pytest.mark.parametrize(
    ("exported", "options", "expected"),
    [
        (["mlp"], [], "mlp"),
        (["mlp", "cnn"], [], "cnn"),
        (["cnn"], [], "cnn"),
        ([], [], "mlp"),
        (["mlp", "cnn"], ["--module", "mlp"], "mlp"),
        (["mlp"], ["-m", "cnn"], "cnn"),
    ],
)
def test_the_latest_exported_module_or_the_one_that_is_named(two, exported, options, expected):
    home, mlp, cnn = two
    (home / "tinytorch/core/cnn.py").unlink()
    export(home, *exported)
    assert home.tito("milestone", "cifar10", "--json", *options).json["module"] == expected
    assert (len(mlp.calls), len(cnn.calls)) == ((1, 0) if expected == "mlp" else (0, 1))


def test_results_of_two_modules_stand_beside_each_other(two):
    home, _, cnn = two
    cnn.accuracy = 0.5
    home.tito("milestone", "cifar10", "--module", "mlp")
    home.tito("milestone", "cifar10", "--module", "cnn")
    known = state.recall(home.workspace)["milestones"]
    assert {recipe: result["reached"] for recipe, result in known.items()} == {
        "mlp_cifar10": True,
        "cnn_cifar10": False,
    }


def test_the_next_step_names_the_module_where_several_have_the_milestone(two):
    from tito import steps

    home, *_ = two
    rows = home.workspace.course.modules
    step = steps.after_tests(home.workspace, rows["mlp"])
    assert step == "python bin/tito.py milestone cifar10 --module mlp  (>95% accuracy on MNIST)"
    state.remember(home.workspace, "milestones", "mlp_cifar10", {"reached": True})
    assert "submit --module mlp" in steps.after_tests(home.workspace, rows["mlp"])
    assert "milestone cifar10 --module cnn" in steps.after_tests(home.workspace, rows["cnn"])


def test_a_module_without_the_milestone(ready):
    done = ready.tito("milestone", "cifar10", "--module", "mlp")
    assert done.code == 2
    assert "Module mlp has no milestone cifar10. It belongs to: cnn." in done.err
    assert "There is no module 'cnnn'. Did you mean cnn?" in ready.tito("milestone", "cifar10", "-m", "cnnn").err


def test_confusions_and_mistakes():
    labels = np.array([0, 0, 0, 1, 1, 2, 2], np.uint8)
    guesses = np.array([0, 1, 1, 1, 0, 2, 0], np.uint8)
    counts = draw.confusions(guesses, labels, 3)
    assert counts.tolist() == [[1, 2, 0], [1, 1, 0], [1, 0, 1]]
    confidences = np.array([0.9, 0.4, 0.4, 0.8, 0.7, 0.5, 0.6], np.float32)
    assert draw.worst(guesses, labels, confidences).tolist() == [4, 6, 1, 2]


@pytest.mark.parametrize(
    ("shape", "wrong", "epochs"),
    [
        pytest.param(shape, wrong, epochs, marks=[] if (one + other + last) % 3 == 0 else pytest.mark.thorough)
        for one, shape in enumerate([(28, 28), (32, 32, 3)])
        for other, wrong in enumerate([0, 1, 60])
        for last, epochs in enumerate([0, 1, 3])
    ],
)
def test_the_picture(tmp_path, shape, wrong, epochs):
    labels = np.arange(100, dtype=np.uint8) % 10
    guesses = np.where(np.arange(100) < wrong, 9 - labels, labels).astype(np.uint8)
    curves = [{"epoch": e, "loss": 1.0, "accuracy": 0.5, "test_accuracy": 0.5} for e in range(1, epochs + 1)]
    answers = guesses, labels, np.linspace(0, 1, 100, dtype=np.float32)
    figure = draw.result("title", curves, *answers, np.zeros((100, *shape), np.uint8), tuple("0123456789"))
    figure.savefig(tmp_path / "result.png")
    shown = [axes for axes in figure.subfigs[0].axes if axes.images]
    assert len(shown) == min(wrong, 20)
