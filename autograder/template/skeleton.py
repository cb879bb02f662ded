"""The skeleton of a module: a row, a notebook in the house style, a test, and versions of its solution."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.handing_out.tidy import normal
from tito import files
from tito.manifest import TERM, load_yaml
from tito.workspace import MANIFEST, UserError, Workspace

NAME = re.compile(r"[a-z][a-z0-9_]*")
STUB = '''#| export
def running_mean(values):
    """Mean of the first number, of the first two, and so on.

    values: 1-D array or list of numbers, at least one
    Returns an array of the same length. Raises ValueError if there is no number.

    running_mean([2, 4, 6]) == [2, 3, 4]      (about 4 lines)
    Hint: np.cumsum.
    """
    ### BEGIN SOLUTION
    values = np.asarray(values, dtype=float)
    if values.size == 0:
        raise ValueError("there is no number to take the mean of")
    return np.cumsum(values) / np.arange(1, values.size + 1)
    ### END SOLUTION'''
CHECK = """checks.close("three numbers", lambda: running_mean([2, 4, 6]), [2, 3, 4])
checks.close("one number", lambda: running_mean([5]), [5])
checks.raises("no number", ValueError, lambda: running_mean([]))
### BEGIN HIDDEN TESTS
values = checks.rng.standard_normal(int(checks.rng.integers(5, 30)))
checks.reference("random numbers", lambda: running_mean(values))
### END HIDDEN TESTS"""
ASK = """**Question (2 points).** How many additions does your function make for n numbers, and how many would it make
if it took each mean anew? Answer in two or three sentences.

### BEGIN MARK SCHEME
- 1 point: n here.
- 1 point: about n²/2 there.
### END MARK SCHEME"""
ANSWER = (
    "It makes n additions: each sum is made of the one before it. Each mean anew takes 1 + 2 + ... + n, about n²/2."
)
VERSIONS = {
    "right/loop": """# why: a loop instead of cumsum

# %% running_mean
#| export
def running_mean(values):
    if len(values) == 0:
        raise ValueError("empty")
    total, means = 0.0, []
    for count, value in enumerate(values, 1):
        total += value
        means.append(total / count)
    return np.array(means)
""",
    "wrong/divides_by_all": """# why: divides each sum by the number of all values

# %% running_mean
#| export
def running_mean(values):
    if len(values) == 0:
        raise ValueError("empty")
    return np.cumsum(values) / len(values)
""",
    "wrong/counts_from_zero": """# why: the second sum is divided by one

# %% running_mean
#| export
def running_mean(values):
    if len(values) == 0:
        raise ValueError("empty")
    return np.cumsum(values) / np.maximum(np.arange(len(values)), 1)
""",
}
TEST = '''"""tinytorch.core.{name} as a package, tried from outside the notebook."""

import numpy as np
import pytest
from tinytorch.core.{name} import running_mean


def test_the_last_mean_is_the_mean():
    values = np.random.default_rng(0).standard_normal(50)
    assert running_mean(values)[-1] == pytest.approx(values.mean())


def test_no_number():
    with pytest.raises(ValueError):
        running_mean([])
'''
README = """# {title}

**Goal**: {goal}.
**Time**: about {minutes} minutes.

## How to work

1. Open `modules/{name}/{name}_dev.ipynb` in JupyterLab and go from top to bottom. Below each stub stands its check. One
   question asks for an answer in writing.
2. `python bin/tito.py sync` writes what you built into the package.
3. `python bin/tito.py test --module {name}` runs your notebook afresh, and tests your package.
4. `python bin/tito.py submit --module {name}` packs your notebook for your instructor.
"""


def make_module(workspace: Workspace, name: str, title: str | None, after: str | None, needs: list[str]) -> list[Path]:
    """Write a module's skeleton. Returns the files. Raises UserError where something is in the way: nothing changes."""
    course = workspace.course
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} can't be the name of a module: lower-case letters, digits and _, as in rnn")
    if name in course.modules or name in course.hidden:
        raise UserError(f"There is a module {name} already.")
    for other in filter(None, [after, *needs]):
        workspace.row(other)
    title = " ".join((title or _title_of(name)).split())
    last = after or [other for other, row in course.modules.items() if row.state != "elective"][-1]
    row = {"title": title, "goal": "Say in a few words what students build", "minutes": 60}
    row |= {"prerequisites": [last], "needs": needs}
    changed, text = _with_row(workspace, name, row, after)
    made = {
        workspace.notebook(name): normal(_notebook(name, title, needs)),
        workspace.modules / name / "README.md": README.format(name=name, **row),
        workspace.tests / f"test_{name}.py": TEST.format(name=name),
    }
    versions = workspace.root / "tests" / "course" / "versions" / name
    made |= {versions / f"{place}.py": text for place, text in VERSIONS.items()}
    if there := [workspace.relative(path) for path in made if path.exists()]:
        raise UserError(f"In the way: {', '.join(there)}. Nothing was changed.")
    for path, content in {**made, changed: text}.items():
        files.write(path, content)
    return [changed, *made]


def _title_of(name: str) -> str:
    """A name in capitals if nobody can speak it as a word: RNN, but Data."""
    return name.replace("_", " ").title() if set(name) & set("aeiouy") else name.replace("_", " ").upper()


def _with_row(workspace: Workspace, name: str, row: dict, after: str | None) -> tuple[Path, str]:
    """The file that gets the module's row, and its new text: term.yml, or in the template course.yml."""
    path, following = workspace.root / TERM, None
    own = path.is_file()
    rows: dict | list = {name: row | ({"after": after} if after else {})}
    if not own:
        path, rows = workspace.root / MANIFEST, [{"name": name, **row}]
        following = dict(pairwise(workspace.course.modules)).get(after or "")
    new = yaml.safe_dump(rows, sort_keys=False, default_flow_style=None)
    old = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
    begin = "" if "\nmodules:" in f"\n{old}" else "modules:\n"
    head, next_row, tail = old.partition(f"\n  - name: {following}\n") if following else (old, "", "")
    lines = "".join(f"  {line}\n" for line in new.splitlines())
    text = f"{head}\n{lines}{next_row.lstrip(chr(10))}{tail}" if next_row else f"{old}{begin}{lines}"
    _refuse_misplaced(path, text, name, new, own, following)
    return path, text


def _refuse_misplaced(path: Path, text: str, name: str, new: str, own: bool, following: str | None) -> None:
    """Raise UserError unless the file with the row still reads, and has the row where it belongs."""
    place = path.with_name(f".{path.name}.part")
    try:
        place.write_text(text, encoding="utf-8")
        rows = load_yaml(place, "the manifest").get("modules") or []
        names = list(rows) if own else [row["name"] for row in rows]
        found = name in names if own else [name, *filter(None, [following])] == names[names.index(name) :][:2]
    except (ValueError, AttributeError, TypeError, KeyError):
        found = False
    finally:
        place.unlink(missing_ok=True)
    if not found:
        raise UserError(f"{path.name} has another form than usual. Put this into its modules yourself:\n{new}")


def _notebook(name: str, title: str, needs: list[str]):
    imports = "".join(f"\nfrom tinytorch.core import {one}" for one in needs)
    cells = [
        _cell(new_markdown_cell, f"# {title}\n\n> Say in one line what students build here.", "title"),
        _cell(new_code_cell, f"#| default_exp core.{name}", "default_exp"),
        _cell(new_code_cell, f"#| export\nimport numpy as np\n{imports}".rstrip(), "imports"),
        _cell(new_code_cell, "from tito import checks", "notebook_imports"),
        new_markdown_cell(
            "## What changes with each number?\n\nAsk a question in three sentences, then show it.", id="text"
        ),
        new_code_cell("np.cumsum([2, 4, 6])", id="demo", metadata={"tags": ["explore"]}),
        _cell(new_code_cell, STUB, "running_mean", solution=True),
        _cell(new_code_cell, CHECK, "check_running_mean", points=2),
        _cell(new_markdown_cell, ASK, "ask_cost"),
        _cell(new_markdown_cell, ANSWER, "reflect_cost", points=2, solution=True),
        new_markdown_cell(
            "## What you have now\n\nWhat you built, what you can run, what it will carry next.", id="text_end"
        ),
    ]
    return nbformat.from_dict(new_notebook(cells=cells))


def _cell(make, text: str, name: str, points: float | None = None, solution: bool = False):
    meta = {"grade": points is not None, "grade_id": name, "locked": not solution, "schema_version": 3}
    meta |= {"solution": solution, "task": False} | ({} if points is None else {"points": points})
    return make(text, id=name, metadata={"nbgrader": meta})
