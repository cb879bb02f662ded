"""A milestone as a run of a config file: written, repeated, and compared bit for bit; the training is a stand-in."""

import numpy as np
import pytest
import yaml
from tinytorch.core import config

from tito.milestones import cnn_cifar10, configured, gpt_gpt, mlp_mnist, training_mnist
from tito.milestones.recipe import Result

ROW = "  - {name: config, title: Config, goal: Configure, prerequisites: [mlp], minutes: 90, due: null}\n"


@pytest.fixture
def ready(home, monkeypatch):
    """A workspace with data, a config module that is exported, and a training that depends on all its numbers."""
    folder = home / "data/mnist"
    folder.mkdir(parents=True)
    for name, content in home.dataset(monkeypatch).items():
        (folder / name).write_bytes(content)
    home.solve("mlp")
    with (home / "course.yml").open("a") as manifest:
        manifest.write(ROW)
    (home / "modules/config").mkdir()
    (home / "modules/config/config_dev.ipynb").write_bytes((home / "modules/mlp/mlp_dev.ipynb").read_bytes())
    exported = home / "tinytorch/core/config.py"
    exported.parent.mkdir(parents=True, exist_ok=True)
    exported.write_text("")
    home.noise = 0.0

    def run(data, report, epochs=4):
        numbers = np.random.default_rng(mlp_mnist.SEED).standard_normal(5) * mlp_mnist.LEARNING_RATE * epochs
        return Result(0.97, 0.95, 4.5, epochs, 5, weights={"numbers": numbers + home.noise})

    monkeypatch.setattr(mlp_mnist, "run", run)
    return home


def path_of(home):
    return home / "milestones/mnist/run.yml"


def changed(home, *sections, **numbers):
    """The file of the last run with some numbers changed."""
    run = yaml.safe_load(path_of(home).read_text(encoding="utf-8"))
    inside = run
    for section in sections:
        inside = inside[section]
    inside |= numbers
    (home / "classmate.yml").write_text(yaml.safe_dump(run), encoding="utf-8")
    return "classmate.yml"


def words(done):
    return " ".join((done.out + done.err).split())


def test_a_run_is_repeated_bit_for_bit(ready):
    first = ready.tito("milestone", "mnist", "--epochs", "2")
    assert first.code == 0
    run = yaml.safe_load(path_of(ready).read_text(encoding="utf-8"))
    assert run["recipe"] == {"epochs": 2, "batch": 64, "learning_rate": 0.1, "momentum": 0.9, "seed": 0}
    assert run["found"]["measured"] == 0.97
    assert f"run.yml repeats it: config {run['found']['config']}, weights {run['found']['weights']}" in words(first)
    again = ready.tito("milestone", "mnist", "--config", changed(ready))
    assert (again.code, "The same run, bit for bit" in words(again)) == (0, True)
    assert ready.tito("milestone", "mnist", "--config", "classmate.yml", "--json").json["run"] == run["found"]


def test_a_file_that_was_changed_after_the_run_is_another_config(ready):
    ready.tito("milestone", "mnist")
    done = ready.tito("milestone", "mnist", "--config", changed(ready, "recipe", seed=1))
    assert (done.code, "Another config: its fingerprint is" in words(done)) == (1, True)
    assert mlp_mnist.SEED == 0, "the recipe is as it was"


def test_another_result_of_the_same_config_is_said(ready):
    ready.tito("milestone", "mnist")
    ready.noise = 1e-12
    done = ready.tito("milestone", "mnist", "--config", changed(ready))
    assert (done.code, "The same config, and another result: weights" in words(done)) == (1, True)


def test_a_file_written_by_hand_is_run(ready):
    (ready / "mine.yml").write_text("recipe:\n  learning_rate: 1e-3\n  epochs: 7\n", encoding="utf-8")
    done = ready.tito("milestone", "mnist", "--config", "mine.yml")
    assert (done.code, "7 epochs" in words(done), "bit for bit" in words(done)) == (0, True, False)
    assert yaml.safe_load(path_of(ready).read_text(encoding="utf-8"))["recipe"]["learning_rate"] == 0.001


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xe9", "mine.yml is not UTF-8. Save it as UTF-8."),
        (None, "mine.yml can't be read: No such file or directory"),
        ("recipe:\n  lerning_rate: 1\n", "mine.yml:2: recipe.lerning_rate: unknown, did you mean learning_rate?"),
        ("recipe: {epochs: 0}\n", "mine.yml:1: recipe.epochs: needs at least 1, got 0"),
        ("milestone: gpt\n", "is a run of the milestone gpt of module mlp"),
        ("[", "mine.yml:1: "),
    ],
)
def test_a_file_that_is_no_run_of_it_is_refused_at_its_line(ready, content, said):
    if content is not None:
        (ready / "mine.yml").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = ready.tito("milestone", "mnist", "--config", "mine.yml")
    assert (done.code, said in words(done)) == (2, True), words(done)


def test_what_the_file_says_is_not_asked_twice(ready):
    ready.tito("milestone", "mnist")
    done = ready.tito("milestone", "mnist", "--config", changed(ready), "--epochs", "3")
    assert (done.code, "The file says how many epochs" in words(done)) == (2, True)
    assert ready.tito("milestone", "mnist", "--config", "nowhere.yml").code == 2


def test_before_the_config_module_nothing_is_written(ready):
    (ready / "tinytorch/core/config.py").unlink()
    assert ready.tito("milestone", "mnist").code == 0
    assert not path_of(ready).exists()


def test_a_config_module_that_fails_costs_the_milestone_nothing(ready, monkeypatch):
    def fingerprint(numbers):
        raise NotImplementedError

    monkeypatch.setattr(config, "fingerprint", fingerprint)
    done = ready.tito("milestone", "mnist")
    assert (done.code, "run.yml is left out" in words(done)) == (0, True)


@pytest.mark.parametrize("recipe", [mlp_mnist, training_mnist, cnn_cifar10, gpt_gpt], ids=lambda one: one.__name__)
def test_each_recipe_comes_back_from_its_file(recipe, tmp_path):
    before = {name: getattr(recipe, name) for name in recipe.SETTINGS}
    run = configured.of_recipe(recipe, 17, own_kernels=True)
    kept = configured.keep(run, {"weights": np.ones(3)}, 0.5, tmp_path / "run.yml")
    read = configured.read(recipe, tmp_path / "run.yml")
    assert config.fingerprint(read) == config.fingerprint(kept)
    assert (read.own_kernels, read.found) == (True, kept.found)
    with configured.with_numbers(recipe, read.recipe):
        assert recipe.EPOCHS == 17
    assert {name: getattr(recipe, name) for name in recipe.SETTINGS} == before
