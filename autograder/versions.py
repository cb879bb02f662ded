"""Right, wrong and broken versions of a module, kept as data: what its checks must let pass, and what they must catch.

A version is a Python file: a header of comments (`why:`, and `loses:` with the graded cells that
must lose points), then cells, each after a line `# %% <grade_id>`. All other cells are the source's.
"""

import copy
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.source import Source
from tito.notebooks import grade_id
from tito.workspace import UserError


@dataclass(frozen=True)
class Version:
    module: str
    kind: str  # right, wrong or broken
    name: str
    why: str
    loses: frozenset[str]
    cells: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "Version":
        header, *blocks = re.split(r"(?m)^# %% *", path.read_text(encoding="utf-8"))
        fields = dict(re.findall(r"(?m)^# (why|loses): *(.*)$", header))
        cells = {}
        for block in blocks:
            name, _, text = block.partition("\n")
            cells[name.strip()] = text.strip("\n")
        loses = frozenset(fields.get("loses", "").split())
        return cls(path.parent.parent.name, path.parent.name, path.stem, fields.get("why", ""), loses, cells)


def read_versions(folder: Path, module: str = "*", kind: str = "*") -> list[Version]:
    """The versions in `folder`/<module>/{right,wrong,broken}/*.py."""
    return [Version.read(path) for path in sorted(folder.glob(f"{module}/{kind}/*.py"))]


def with_cells(notebook, source: Source, cells: dict[str, str]):
    """A copy of `notebook` with the text of the named cells replaced. Raises UserError for a name it lacks."""
    unknown = set(cells) - set(source.named_cells)
    if unknown:
        raise UserError(f"{source.module}: no cell is called {', '.join(sorted(unknown))}")
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if grade_id(cell) in cells:
            cell.source = cells[grade_id(cell)]
    return notebook
