"""Right, wrong and broken versions of a module, kept as data. Its checks must accept the right, and catch the others.

A version is a Python file: a header of comments (`why:`), then cells, each after a line `# %% <grade_id>`, or single
methods of a class, each after a line `# %% <grade_id>.<method>`. The source has the rest. A wrong or broken version
loses the questions about these cells. Where it loses others, a line `loses:` names them.
"""

import ast
import copy
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from autograder.judging.source import Source
from tito.notebooks import grade_id
from tito.uses import stubs_asked
from tito.workspace import UserError


@dataclass(frozen=True)
class Version:
    """A version of a module's solution: the cells, or methods (`<grade_id>.<method>`), in which it differs."""

    module: str
    kind: str  # right, wrong or broken
    name: str
    why: str
    loses: frozenset[str]
    cells: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "Version":
        """The version in the file <module>/<kind>/<name>.py."""
        header, *blocks = re.split(r"(?m)^# %% *", path.read_text(encoding="utf-8"))
        fields = dict(re.findall(r"(?m)^# (why|loses): *(.*)$", header))
        cells = {}
        for block in blocks:
            name, _, text = block.partition("\n")
            cells[name.strip()] = text.strip("\n")
        loses = frozenset(fields.get("loses", "").split())
        return cls(path.parent.parent.name, path.parent.name, path.stem, fields.get("why", ""), loses, cells)


def losses(version: Version, source: Source) -> frozenset[str]:
    """The graded cells that must lose points: those that a `loses:` line names, else those about the cells in it."""
    if version.loses or version.kind == "right":
        return version.loses
    changed = {cell.partition(".")[0] for cell in version.cells}
    return frozenset(check for check, stubs in stubs_asked(source.notebook).items() if changed.intersection(stubs))


def read_versions(folder: Path, module: str = "*", kind: str = "*") -> list[Version]:
    """The versions in `folder`/<module>/{right,wrong,broken}/*.py."""
    return [Version.read(path) for path in sorted(folder.glob(f"{module}/{kind}/*.py"))]


def with_cells(notebook, source: Source, cells: dict[str, str]):
    """A copy of `notebook` with the texts of cells, or of methods in them, replaced.

    cells: <grade_id> or <grade_id>.<method> → text
    Raises UserError for a name that the notebook lacks.
    """
    notebook = copy.deepcopy(notebook)
    by_name = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell) in source.named_cells}
    for name, text in cells.items():
        stub, _, method = name.partition(".")
        if stub not in by_name:
            raise UserError(f"{source.module}: no cell is called {stub}")
        by_name[stub].source = _with_method(by_name[stub].source, method, text) if method else text
    return notebook


def _with_method(text: str, method: str, replacement: str) -> str:
    """The text of a cell with one method of its class replaced."""
    methods = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and node.name == method]
    if len(methods) != 1:
        raise UserError(f"{len(methods)} functions are called {method}, one was to be replaced")
    (node,) = methods
    first, lines = min([node.lineno, *(one.lineno for one in node.decorator_list)]), text.splitlines()
    return "\n".join(
        [*lines[: first - 1], textwrap.indent(replacement, " " * node.col_offset), *lines[node.end_lineno :]]
    )
