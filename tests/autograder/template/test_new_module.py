"""tito new-module: a skeleton that can be released as it is."""

import json

import pytest

from autograder.judging.gradable import refuse_ungradable
from autograder.judging.source import Source
from tito.workspace import Workspace


@pytest.mark.needs("files")
def test_the_skeleton_can_be_released(own, tito):
    code, out, err = tito("new-module", "rnn", "--after", "mlp", "--needs", "tensor")
    assert (code, err) == (0, "")
    workspace = Workspace.find(own.root)
    row = workspace.course.modules["rnn"]
    assert (row.number, row.prerequisites, row.needs, row.title) == (3, ["mlp"], ["tensor"], "RNN")
    refuse_ungradable(Source.of(workspace, "rnn"), 7)
    assert tito("tidy", "rnn", "--check")[0] == 0
    assert tito("sync", "--module", "rnn")[0] == 0
    assert "pytest -k rnn" in out
    made = own.git("status", "--porcelain", "--untracked-files=all").splitlines()
    assert len(made) == 8
    assert len(json.loads((own / "source/rnn/rnn_dev.ipynb").read_text())["cells"]) == 11


@pytest.mark.parametrize(
    ("options", "title", "needs"),
    [
        (["rnn", "--needs", "tensor", "mlp"], "RNN", ["tensor", "mlp"]),
        (
            ["rnn", "--needs", "tensor", "mlp", "--after", "mlp", "--title", "Recurrent  networks"],
            "Recurrent networks",
            2,
        ),
        (["gpt_mini", "--needs=tensor", "--needs", "mlp"], "Gpt Mini", ["tensor", "mlp"]),
        (["gpt", "--title", "GPT: a finale"], "GPT: a finale", []),
    ],
)
def test_its_title_and_what_it_needs_are_as_they_were_typed(own, tito, options, title, needs):
    code, out, err = tito("new-module", *options)
    assert (code, err) == (0, "")
    row = Workspace.find(own.root).course.modules[options[0]]
    assert (row.title, row.needs) == (title, ["tensor", "mlp"] if needs == 2 else needs)
    assert f"Its title is {title}." in " ".join(out.split())
    first = json.loads((own / f"source/{options[0]}/{options[0]}_dev.ipynb").read_text())["cells"][0]["source"]
    assert first[0] == f"# {title}\n"
    assert (own / f"source/{options[0]}/README.md").read_text().startswith(f"# {title}\n")


BLOCKS = """\
modules:
  - name: setup
    title: Setup
    goal: Begin
    minutes: 30
  - name: tensor # a comment stays
    title: Tensor
    goal: Go on
    minutes: 60
  - name: mlp
    title: MLP
    goal: Train
    minutes: 90
"""


@pytest.mark.parametrize(
    ("after", "order"),
    [
        (None, ["setup", "tensor", "mlp", "rnn"]),
        ("mlp", ["setup", "tensor", "mlp", "rnn"]),
        ("tensor", ["setup", "tensor", "rnn", "mlp"]),
        ("setup", None),  # the next row has a comment where a row begins
    ],
)
def test_the_template_gets_it_too(template, tito, monkeypatch, after, order):
    monkeypatch.chdir(template.root)
    manifest = template.root / "course.yml"
    text = manifest.read_text().partition("modules:")[0] + BLOCKS
    manifest.write_text(text)
    code, _, err = tito(
        "new-module", "rnn", "--needs", "setup", "--needs", "mlp", *(["--after", after] if after else [])
    )
    assert code == (0 if order else 2), err
    names = list(Workspace.find(template.root).course.modules)
    assert names == (order or ["setup", "tensor", "mlp"])
    kept = manifest.read_text()
    assert [line for line in text.splitlines() if line not in kept.splitlines()] == []
    assert not order or "    needs: [setup, mlp]\n" in kept, "as the other rows have it"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("RNN",), "can't be the name of a module"),
        (("mlp",), "There is a module mlp already"),
        (("cnn",), "There is a module cnn already"),
        (("rnn", "--after", "mpl"), "Did you mean mlp?"),
        (("rnn", "--needs", "cnn"), "Module cnn is hidden"),
        (("rnn", "--needs", "tensor", "mpl"), "Did you mean mlp?"),
        (("rnn", "gru"), "one module at a time, and not gru as well"),
        (("--needs", "tensor", "mlp", "rnn"), "There is a module mlp already"),
    ],
)
def test_what_is_refused_changes_nothing(own, tito, arguments, said):
    code, _, err = tito("new-module", *arguments)
    assert (code, said in " ".join(err.split())) == (2, True), err
    assert own.git("status", "--porcelain") == ""


@pytest.mark.parametrize("term", ["modules: {setup: {due: null}}\n", "modules:\n  setup: {due: null}\ntitle: last\n"])
def test_a_term_yml_of_another_form_is_left_alone(own, tito, term):
    own.write("term.yml", term)
    own.commit()
    code, _, err = tito("new-module", "rnn")
    assert (code, "Put this into its modules yourself: rnn:" in " ".join(err.split())) == (2, True)
    assert own.git("status", "--porcelain") == ""
