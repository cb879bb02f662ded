"""Bring source notebooks into one form, so that a diff shows only what an author changed."""

import re
from pathlib import Path

import nbformat

from tito import files
from tito.notebooks import grade_id, read, tags

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def make_tidy(path: Path, check: bool) -> bool:
    """Rewrite the notebook in its normal form, unless `check`. Returns whether it was untidy."""
    before = path.read_text(encoding="utf-8")
    after = normal(read(path))
    if before != after and not check:
        files.write(path, after)
    return before != after


def normal(notebook) -> str:
    """The notebook's JSON in normal form: no outputs, readable unique ids, no metadata but nbgrader's and tags."""
    taken: set[str] = set()
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in ("nbgrader", "tags") if cell.metadata.get(key)}
        if not tags(cell):
            cell.metadata.pop("tags", None)
        cell.source = cell.source.strip("\n")
        cell.id = _unique(grade_id(cell) or cell.get("id") or _readable(cell.source), taken)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(nbformat.from_dict(notebook), indent=1) + "\n"


def _readable(source: str) -> str:
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?m)^#\|.*$", "", source.lower()))
    return "-".join(words)[:40].strip("-") or "cell"


def _unique(name: str, taken: set[str]) -> str:
    name = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:60]
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found)
    return found
