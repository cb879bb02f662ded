import importlib.util
import shutil
from types import SimpleNamespace

import pytest

from tito import state
from tito.milestones import mlp_mnist
from tito.milestones.recipe import Progress, Result


@pytest.fixture
def ready(home, monkeypatch):
    """A workspace with data and a recipe that asks the user's package for its accuracy."""
    packed = home.dataset(monkeypatch)
    folder = home / "data/mnist"
    folder.mkdir(parents=True)
    for name, content in packed.items():
        (folder / name).write_bytes(content)
    home.solve("mlp")
    return home


def recipe(monkeypatch, accuracy=0.97, call=lambda: None):
    """Replace the training; returns what it was called with."""
    calls = []

    def run(data, report, epochs=4):
        calls.append((data, epochs))
        report(Progress(1, epochs, 5, 10, 0.5, 0.8, 1.0, 1.0))
        call()
        return Result(accuracy, 0.95, 4.5, epochs, 101_770)

    monkeypatch.setattr(mlp_mnist, "run", run)
    return calls


def of_the_user(home, text):
    """A function of the user's exported mlp module."""
    path = home / "tinytorch/core/mlp.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("users_mlp", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_reached(ready, monkeypatch):
    calls = recipe(monkeypatch)
    done = ready.tito("milestone", "mnist")
    assert done.code == 0
    assert "101,770 parameters, 4 epochs, 4.5 s" in done.out
    assert "Test accuracy 97.00%, target >95% accuracy on MNIST: reached" in done.out
    assert calls == [(ready / "data/mnist", 4)]
    assert state.recall(ready.workspace)["milestones"] == {
        "mlp_mnist": {"accuracy": 0.97, "reached": True, "published": True}
    }


def test_not_reached(ready, monkeypatch):
    recipe(monkeypatch, accuracy=0.95)
    done = ready.tito("milestone", "mnist", "--epochs", "1")
    assert done.code == 1
    assert "1 epoch, " in done.out
    assert "target >95% accuracy on MNIST: not reached" in done.out
    assert state.recall(ready.workspace)["milestones"]["mlp_mnist"]["reached"] is False


def test_json(ready, monkeypatch):
    calls = recipe(monkeypatch)
    done = ready.tito("milestone", "mnist", "--epochs", "2", "--json")
    assert done.json["accuracy"] == 0.97
    assert done.json["reached"] is True
    assert (done.json["module"], done.json["published"], done.json["picture"]) == ("mlp", True, None)
    assert not {"guesses", "labels", "confidences"} & done.json.keys()
    assert calls[0][1] == 2


def test_no_epoch_at_all(ready, monkeypatch):
    calls = recipe(monkeypatch)
    assert ready.tito("milestone", "mnist", "--epochs", "0").code == 2
    assert calls == []


def test_a_module_that_is_not_exported(ready, monkeypatch):
    def call():
        raise ModuleNotFoundError("No module named 'tinytorch.core.mlp'", name="tinytorch.core.mlp")

    recipe(monkeypatch, call=call)
    done = ready.tito("milestone", "mnist")
    assert done.code == 2
    assert "Module mlp is not exported yet. Run: python bin/tito.py sync --module mlp" in done.err


def test_a_name_that_is_not_there(ready, monkeypatch):
    def call():
        raise ImportError("cannot import name 'Linear'", name="tinytorch.core.mlp")

    recipe(monkeypatch, call=call)
    done = ready.tito("milestone", "mnist")
    assert done.code == 2
    assert "Module mlp lacks something: cannot import name 'Linear'" in done.err


def test_an_empty_stub(ready, monkeypatch):
    text = "class Linear:\n    def forward(self):\n        raise NotImplementedError()\n"
    recipe(monkeypatch, call=of_the_user(ready, text).Linear().forward)
    done = ready.tito("milestone", "mnist")
    assert done.code == 2
    assert "Module mlp: Linear.forward isn't written yet." in done.err
    assert "python bin/tito.py sync --module mlp" in done.err


def test_an_error_in_the_users_layers(ready, monkeypatch):
    recipe(monkeypatch, call=of_the_user(ready, "def relu():\n    x = 0\n    return [1 / x]\n").relu)
    done = ready.tito("milestone", "mnist")
    assert done.code == 1
    assert "ZeroDivisionError: division by zero (in relu, line 3 of mlp.py)" in done.err
    assert "Traceback" not in done.err
    assert state.recall(ready.workspace)["milestones"] == {}


def test_an_error_that_the_recipe_meets(ready, monkeypatch):
    def call():
        return SimpleNamespace().backward()

    recipe(monkeypatch, call=call)
    done = ready.tito("milestone", "mnist")
    assert done.code == 1
    assert "no attribute 'backward'" in done.err
    assert "sync --module mlp" in done.err


def test_without_data(home, monkeypatch):
    calls = recipe(monkeypatch)
    done = home.tito("milestone", "mnist")
    assert done.code == 2
    assert "MNIST is not here yet. Fetch it with: python bin/tito.py data mnist" in done.err
    assert calls == []


def test_one_file_missing(ready, monkeypatch):
    next((ready / "data/mnist").iterdir()).unlink()
    recipe(monkeypatch)
    assert "MNIST is not here yet" in ready.tito("milestone", "mnist").err


def test_a_milestone_of_a_later_module(home):
    done = home.tito("milestone", "cifar10")
    assert done.code == 2
    assert "Module cnn is not released yet. Released so far: setup, tensor, mlp." in done.err


def test_a_milestone_whose_recipe_is_not_there(home):
    manifest = home / "course.yml"
    manifest.write_text(manifest.read_text().replace("milestone: cifar10", "milestone: imagenet"))
    done = home.tito("milestone", "imagenet")
    assert done.code == 2
    assert "The milestone imagenet comes with module cnn, which is not released yet." in done.err


def test_a_recipe_before_its_module(home):
    for folder in (home.path("mlp").parent, home.root / ".tito/released/mlp"):
        shutil.rmtree(folder)
    done = home.tito("milestone", "mnist")
    assert done.code == 2
    assert "Module mlp is not released yet" in done.err


def test_unknown(home):
    done = home.tito("milestone", "imagenet")
    assert done.code == 2
    assert "There is no milestone 'imagenet'. The milestones: mnist, cifar10." in done.err


def test_ctrl_c(ready, monkeypatch):
    def call():
        raise KeyboardInterrupt

    recipe(monkeypatch, call=call)
    done = ready.tito("milestone", "mnist")
    assert done.code == 130
    assert "interrupted" in done.err
    assert "Traceback" not in done.err


def test_a_layer_that_ends_python_has_not_trained(ready, monkeypatch):
    users = of_the_user(ready, "import sys\n\n\ndef forward():\n    sys.exit()\n")
    recipe(monkeypatch, call=users.forward)
    done = ready.tito("milestone", "mnist")
    assert (done.code, "SystemExit" in done.err, "in forward, line 5 of mlp.py" in done.err) == (1, True, True)
