"""A milestone that aims at a loss, and its data set: one text file."""

import dataclasses
import gzip
import hashlib

import numpy as np
import pytest

from tito import datasets, state
from tito.commands import milestone
from tito.milestones import gpt_gpt
from tito.milestones.gpt_compared import CacheGain
from tito.milestones.recipe import Progress, Written
from tito.workspace import UserError

TEXT = b"To be, or not to be: that is the question.\n" * 40
PACKED = gzip.compress(TEXT, mtime=0)  # the same in every process: tests are named after it
ROW = """  - {name: gpt, title: GPT, goal: Write, prerequisites: [mlp], minutes: 90, due: null,
     milestone: gpt, target: "<1.80 validation loss on Shakespeare"}
"""


@pytest.fixture
def ready(home, monkeypatch, tmp_path):
    """A workspace whose course has the milestone, and a folder that TINYTORCH_DATA names."""
    with (home / "course.yml").open("a") as manifest:
        manifest.write(ROW)
    (home / "modules/gpt").mkdir()
    (home / "modules/gpt/gpt_dev.ipynb").write_bytes((home / "modules/mlp/mlp_dev.ipynb").read_bytes())
    files = {"input.txt": hashlib.sha256(TEXT).hexdigest()}
    text = dataclasses.replace(datasets.DATASETS["shakespeare"], mirrors=("http://one.invalid/",), files=files)
    monkeypatch.setitem(datasets.DATASETS, "shakespeare", text)
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "given"))
    home.given = tmp_path / "given"
    home.given.mkdir()
    return home


def words(done):
    return " ".join((done.out + done.err).split())


def recipe(monkeypatch, loss, **more):
    curves = tuple({"step": step, "loss": 3 / step, "val_loss": 4 / step, "seconds": step} for step in (1, 2))

    def run(data, report, epochs=3):
        assert (data / "input.txt").read_bytes() == TEXT
        report(Progress(1, epochs, 5, 10, 0.5, None, 1.0, 1.0))
        return Written(loss, 1.8, 61.5, epochs, 101_770, True, curves, "KING:\nfor $2 and $3", **more)

    monkeypatch.setattr(gpt_gpt, "run", run)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("shakespeare/input.txt", TEXT),
        ("input.txt", TEXT),
        ("shakespeare/tinyshakespeare.txt.gz", PACKED),
        ("tinyshakespeare.txt.gz", PACKED),
    ],
)
def test_the_text_is_taken_from_a_folder(ready, name, content):
    (ready.given / name).parent.mkdir(exist_ok=True)
    (ready.given / name).write_bytes(content)
    done = ready.tito("data", "shakespeare")
    assert done.code == 0, done.err
    assert f"Shakespeare: 1 file in data/shakespeare, verified, fetched from {ready.given}" in " ".join(
        (done.out + done.err).split()
    )
    assert (ready / "data/shakespeare/input.txt").read_bytes() == TEXT
    assert "there already" in ready.tito("data", "shakespeare").out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("input.txt", TEXT[:-1], "input.txt is damaged: it does not have the checksum"),
        ("tinyshakespeare.txt.gz", PACKED[:-20], "tinyshakespeare.txt.gz is damaged"),
        ("else.txt", TEXT, "tinyshakespeare.txt.gz is there."),
    ],
)
def test_another_text_is_not_taken(ready, name, content, said):
    (ready.given / name).write_bytes(content)
    done = ready.tito("data", "shakespeare")
    assert (done.code, said in words(done)) == (2, True), done.err
    assert not (ready / "data/shakespeare/input.txt").exists()


def test_a_whole_file_beside_a_damaged_one_is_taken(ready):
    (ready.given / "input.txt").write_bytes(TEXT[:-1])
    (ready.given / "tinyshakespeare.txt.gz").write_bytes(PACKED)
    assert ready.tito("data", "shakespeare").code == 0


def test_only_data_of_the_course_are_listed(ready, home):
    assert "Shakespeare" in ready.tito("data").out
    manifest = home / "course.yml"
    manifest.write_text(manifest.read_text().replace(ROW, ""))
    assert "Shakespeare" not in home.tito("data").out
    assert home.tito("data", "nothing").err.endswith("The data sets: mnist, cifar10.\n")


@pytest.mark.parametrize(("loss", "verdict", "code"), [(1.795, "reached", 0), (1.8, "not reached", 1)])
def test_less_is_better(ready, monkeypatch, loss, verdict, code):
    recipe(monkeypatch, loss)
    done = ready.tito("milestone", "gpt")
    assert done.code == 2
    assert "Shakespeare is not here yet. Fetch it with: python bin/tito.py data shakespeare" in words(done)
    (ready.given / "input.txt").write_bytes(TEXT)
    assert ready.tito("data", "shakespeare").code == 0
    done = ready.tito("milestone", "gpt")
    assert done.code == code
    assert "Validation loss on the way: 4.00, 2.00" in done.out
    assert f"Validation loss {loss:.3f}, target <1.80 validation loss on Shakespeare: {verdict}" in " ".join(
        (done.out + done.err).split()
    )
    assert "Curve and sample: milestones/gpt/result.png" in done.out
    assert (ready / "milestones/gpt/result.png").read_bytes().startswith(b"\x89PNG")
    known = {"loss": loss, "reached": not code, "published": True}
    assert state.recall(ready.workspace)["milestones"] == {"gpt_gpt": known}
    document = ready.tito("milestone", "gpt", "--json").json
    assert (document["loss"], document["milestone"], document["sample"]) == (loss, "gpt", "KING:\nfor $2 and $3")


def test_nothing_is_served_that_was_not_trained_or_has_no_page(ready, monkeypatch):
    done = ready.tito("milestone", "gpt", "--serve")
    assert (done.code, "There is no model yet. Train it first: python bin/tito.py milestone gpt" in words(done)) == (
        2,
        True,
    )
    done = ready.tito("milestone", "mnist", "--serve")
    assert (done.code, "The milestone mnist has no page" in words(done)) == (2, True)
    (ready / "milestones/gpt").mkdir(parents=True)
    (ready / "milestones/gpt/model.npz").write_bytes(b"")
    done = ready.tito("milestone", "gpt", "--serve")
    assert (done.code, "MLOps, which this course does not have" in words(done)) == (2, True)


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (None, "What watches the prompts: http://127.0.0.1:8000/"),
        (UserError("Shakespeare is not here yet."), "Prompts are not watched. Shakespeare is not here yet."),
        (NotImplementedError(), "Prompts are not watched. Module "),
    ],
)
def test_the_page_is_served_also_where_nothing_watches_its_prompts(ready, monkeypatch, fails, told):
    with (ready / "course.yml").open("a") as manifest:
        manifest.write("  - {name: mlops, title: A, goal: B, prerequisites: [mlp], minutes: 90, due: null}\n")
    (ready / "milestones/gpt").mkdir(parents=True)
    (ready / "milestones/gpt/model.npz").write_bytes(b"")
    served = []

    class Server:
        def run(self):
            served.append(self)

    def monitor(vocabulary, data):
        assert (vocabulary, data) == ("vocabulary", ready / "data/shakespeare")
        if fails:
            raise fails
        return "monitor"

    def server(*asked):
        assert asked == ("model", "vocabulary", 8000, None if fails else "monitor")
        return Server()

    monkeypatch.setattr(milestone, "_check_data", lambda workspace, data: True)
    monkeypatch.setattr(gpt_gpt, "load", lambda path: ("model", "vocabulary"))
    monkeypatch.setattr(gpt_gpt, "monitor", monitor)
    monkeypatch.setattr(gpt_gpt, "server", server)
    done = ready.tito("milestone", "gpt", "--serve")
    assert (done.code, len(served), told in words(done)) == (0, 1, True), words(done)


def test_what_other_modules_find_of_the_model_is_told(ready, monkeypatch):
    """Where one of them fails, the result of the training stays, and the reason is told."""
    recipe(monkeypatch, 1.7, kept={"x": np.arange(3)})
    (ready.given / "input.txt").write_bytes(TEXT)
    assert ready.tito("data", "shakespeare").code == 0
    for module in ("benchmarking", "compression", "kernels"):
        with (ready / "course.yml").open("a") as manifest:
            manifest.write(f"  - {{name: {module}, title: A, goal: B, prerequisites: [mlp], minutes: 90, due: null}}\n")
    asked = []

    def gain():
        return CacheGain(0.004, 0.001, 4.0, 3.9, 4.1, True)

    def missing():
        raise ModuleNotFoundError("No module named 'tinytorch.core.compression'", name="tinytorch.core.compression")

    def comparisons(path, data):
        asked.append((path, data))
        return {"benchmarking": gain, "compression": missing, "kernels": lambda: 1 / 0, "mlops": lambda: 1 / 0}

    monkeypatch.setattr(gpt_gpt, "comparisons", comparisons)
    done = ready.tito("milestone", "gpt")
    assert done.code == 0
    assert asked == [(ready / "milestones/gpt/model.npz", ready / "data/shakespeare")]
    assert "A character takes 4.00 ms if all is read again, 1.00 ms with a cache: 4.0 times as long" in words(done)
    assert "compression is left out. Module compression is not exported yet. Run: python bin/tito.py sync" in words(
        done
    )
    assert "The comparison by kernels is left out. ZeroDivisionError: division by zero" in words(done)
    assert "mlops" not in words(done), "a module that the course does not have"
    assert list(ready.tito("milestone", "gpt", "--json").json["compared"]) == ["benchmarking"]
