import json
import subprocess
import sys

import pytest

from tito import notebooks
from tito.export import render
from tito.uses import answers_used, names_loaded, names_made
from tito.workspace import UserError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a readable notebook"),
        ("{", "not a readable notebook"),
        ("[]", "not a readable notebook"),
        ('{"cells": []}', "not a readable notebook"),
        ('{"nbformat": 3, "worksheets": []}', "notebook format 3. Open and save it in JupyterLab"),
        ('{"nbformat": 4, "cells": 3}', "not a readable notebook"),
        ('{"nbformat": 4, "cells": [3]}', "not a readable notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "not a readable notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}', "not a readable notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "metadata": []}]}', "broken metadata"),
        ('<<<<<<< HEAD\n{"nbformat": 4}', "not a readable notebook"),
        ("[" * 100_000, "not a readable notebook"),
    ],
)
@pytest.mark.parametrize("reader", [notebooks.load, notebooks.read])
def test_broken_files(home, text, message, reader):
    home.write("setup", text)
    with pytest.raises(UserError, match=message) as caught:
        reader(home.path("setup"))
    assert "modules/setup/setup_dev.ipynb" in str(caught.value)


def test_half_an_emoji_is_a_question_mark(home, cells):
    """No file can hold it, and no kernel takes it."""
    given = cells.code("default_exp", "#| default_exp core.setup")
    home.write("setup", json.dumps(cells.notebook(given, cells.code("text", "#| export\nx = '\ud83d'"))))
    assert notebooks.load(home.path("setup"))["cells"][1]["source"] == "#| export\nx = '?'"
    assert "x = '?'" in render(home.path("setup"), "setup", "modules/setup/setup_dev.ipynb")


WARNS = """
import sys
from tito import notebooks, uses
text = "y = 1 is 1\\nx = '\\\\d'"
assert notebooks.syntax_error(text) == ""
assert len(notebooks.parsed(text).body) == len(uses.names_made(text)) == len(uses._taken_apart(text)) + 1 == 2
"""


@pytest.mark.parametrize("options", [(), ("-W", "error::SyntaxWarning"), ("-W", "always")])
def test_what_python_warns_of_in_a_cell_is_said_where_the_cell_runs_alone(options):
    done = subprocess.run([sys.executable, *options, "-c", WARNS], capture_output=True, text=True)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "SyntaxWarning" in line]) == (0, [])


DEEP = f"x = {'-' * 100_000}1"


def test_a_text_that_is_nested_too_deeply_for_python_is_no_python(home, cells):
    assert notebooks.syntax_error(DEEP) == "nested too deeply for Python"
    assert notebooks.parsed(DEEP).body == []
    assert (names_made(DEEP), names_loaded(DEEP)) == (frozenset(), frozenset())
    assert answers_used(cells.notebook(cells.code("given", DEEP, locked=True), cells.check("check_x", "x")))
    home.write("setup", json.dumps(cells.notebook(cells.code("deep", f"#| export\n{DEEP}"))))
    with pytest.raises(UserError, match=r"no cell says|nested too deeply"):
        render(home.path("setup"), "setup", "modules/setup/setup_dev.ipynb")


def test_bytes_that_are_no_text(home):
    home.path("setup").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"not a readable notebook .UnicodeDecodeError"):
        notebooks.load(home.path("setup"))


def test_missing_file(home):
    with pytest.raises(UserError, match=r"nothing.ipynb does not exist"):
        notebooks.load(home / "nothing.ipynb")


def test_a_folder_in_its_place(home):
    with pytest.raises(UserError, match="modules can't be read: Is a directory"):
        notebooks.load(home / "modules")


def test_the_way_out_of_a_broken_notebook(home):
    home.write("setup", "{")
    with pytest.raises(UserError, match=r"Start afresh with: python bin/tito.py reset --module setup"):
        notebooks.of(home.workspace, "setup")


def test_read_gives_what_nbformat_accepts(home):
    import nbformat

    nbformat.validate(notebooks.read(home.path("setup")))


@pytest.mark.parametrize(
    ("text", "exported"),
    [
        ("#| export\nx = 1", True),
        ("# | export\nx = 1", True),
        ("\n\n#|export\nx = 1", True),
        ("#| hide\n#| exports\nx = 1", True),
        ("#| exporti\nx = 1", True),
        ("x = 1\n#| export", False),
        ("# export\nx = 1", False),
        ("#| exporter", False),
        ("", False),
    ],
)
def test_which_cells_are_exported(cells, text, exported):
    assert notebooks.is_exported(cells.code("a", text)) is exported
    assert not notebooks.is_exported(cells.markdown("a", text))


def test_kinds_of_cells(home):
    kinds = {cell["id"]: cell for cell in notebooks.load(home.path("setup"))["cells"]}
    assert [name for name, cell in kinds.items() if notebooks.is_stub(cell)] == ["double", "area"]
    assert [name for name, cell in kinds.items() if notebooks.is_check(cell)] == ["check_double", "check_area"]
    assert [name for name, cell in kinds.items() if notebooks.is_manual(cell)] == ["reflect_size"]
    assert [name for name, cell in kinds.items() if notebooks.is_locked(cell)][:2] == ["default_exp", "imports"]
    assert notebooks.points(kinds["check_double"]) == 2
    assert notebooks.grade_id(kinds["demo"]) is None
    assert notebooks.cell_name(kinds["demo"]) == "demo"


@pytest.mark.parametrize("meta", [None, [], 3, {"nbgrader": None}, {"nbgrader": []}, {"nbgrader": {"grade_id": 3}}])
def test_metadata_that_nobody_expects(meta):
    cell = {"cell_type": "code", "source": "", "metadata": meta if isinstance(meta, dict) else {"nbgrader": meta}}
    assert notebooks.grade_id(cell) is None
    assert not notebooks.is_check(cell)
    assert not notebooks.is_manual(cell)


def test_empty_stubs(home):
    assert notebooks.empty_stubs(home.read("setup")) == ["double", "area"]
    home.edit("setup", "double", home.solutions["double"])
    assert notebooks.empty_stubs(home.read("setup")) == ["area"]
    home.edit("setup", "area", "class A:\n    def f(self):\n        raise NotImplementedError()")
    assert notebooks.empty_stubs(home.read("setup")) == []


def test_a_class_with_one_of_two_bodies_written_is_still_empty(home):
    rest = "class A:\n    def f(self):\n        return 1\n    def g(self):\n        # YOUR CODE HERE\n"
    home.edit("setup", "area", rest + "        raise NotImplementedError()")
    assert "area" in notebooks.empty_stubs(home.read("setup"))


def test_empty_answers(home):
    assert notebooks.empty_answers(home.read("setup")) == ["reflect_size"]
    home.edit("setup", "reflect_size", " \n")
    assert notebooks.empty_answers(home.read("setup")) == ["reflect_size"]
    home.edit("setup", "reflect_size", "Four bytes.")
    assert notebooks.empty_answers(home.read("setup")) == []


def test_digest_follows_code_and_nothing_else(home):
    before = notebooks.digest(home.read("setup"))
    home.edit("setup", "reflect_size", "Four bytes.")
    content = home.read("setup")
    content["cells"][4] |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "hi"}]}
    content["metadata"]["language_info"] = {"name": "python"}
    assert notebooks.digest(content) == before
    home.solve("setup")
    assert notebooks.digest(home.read("setup")) != before


def test_untouched(home):
    workspace = home.workspace
    assert notebooks.untouched(workspace, "setup", home.read("setup"))
    home.edit("setup", "demo", "1 + 1")
    assert not notebooks.untouched(workspace, "setup", home.read("setup"))
    (home / ".tito/released/setup/setup_dev.ipynb").unlink()
    assert notebooks.untouched(workspace, "setup", home.read("setup"))


def test_check_names():
    source = 'checks.close("b", 1, 1)\nchecks.equal("a", 1, 1)\nother.equal("c", 1, 1)\nchecks.equal(name, 1, 1)'
    assert notebooks.check_names(source) == ["b", "a"]
    assert notebooks.check_names("checks.equal(") == []


def test_shortened_paths(home):
    assert notebooks.shorten(home.path("setup")) == "modules/setup/setup_dev.ipynb"
    assert notebooks.shorten(home.root.parent / "other") == str(home.root.parent / "other")


def test_json_with_unknown_fields_is_read(home):
    content = home.read("setup") | {"extra": 1}
    home.write("setup", json.dumps(content))
    assert notebooks.load(home.path("setup"))["extra"] == 1


def test_the_way_out_names_what_jupyter_kept(home):
    kept = home.path("setup").parent / ".ipynb_checkpoints/setup_dev-checkpoint.ipynb"
    kept.parent.mkdir()
    kept.write_bytes(home.path("setup").read_bytes())
    home.write("setup", "")
    with pytest.raises(UserError, match=r"Jupyter kept an earlier one: modules/setup/.ipynb_checkpoints/.*reset"):
        notebooks.of(home.workspace, "setup")
    kept.write_text("")
    with pytest.raises(UserError) as caught:
        notebooks.of(home.workspace, "setup")
    assert "Jupyter" not in str(caught.value)
