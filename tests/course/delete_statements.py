"""Delete every statement of every solution, one at a time: both graded cells and the package's tests must notice.

    python tests/course/delete_statements.py [MODULE]...      (about half a second a statement on two cores)

Each time the notebook is graded as a submission, and what it then exports is put through
tests/tinytorch. Prints the statements that one of the two did not miss, each with the reason that
survivors.yml gives for it, and exits 1 if one has none. Deleting means putting `pass` in its place.
"""

import ast
import functools
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml
from package_tests import PackageTests
from versions import WORKSPACE, judged_from, losers, source_of

from autograder.demo.versions import with_cells
from autograder.judging.source import Source
from tito.export import MARKER

EXPLAINED = Path(__file__).with_name("survivors.yml")


@dataclass(frozen=True)
class Deletion:
    """A statement, the stub that it was taken from, and who did not miss it."""

    stub: str
    statement: str
    unnoticed_by: tuple[str, ...]


def solution_lines(text: str) -> set[int]:
    """Numbers of the lines between solution markers."""
    inside, found = False, set()
    for number, line in enumerate(text.splitlines(), 1):
        if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside:
            found.add(number)
    return found


def mutants(text: str) -> list[tuple[str, str]]:
    """(deleted statement, text without it) for every statement of the solution regions."""
    allowed = solution_lines(text)
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt) and node.lineno in allowed]
    found = [node for node in found if not isinstance(node, ast.Pass)]
    return [(ast.unparse(node), without(text, node)) for node in sorted(found, key=lambda node: node.lineno)]


def without(text: str, node: ast.stmt) -> str:
    lines = text.splitlines()
    head = lines[node.lineno - 1].encode()[: node.col_offset].decode()
    tail = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode()
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return "\n".join([*lines[: first - 1], f"{head}pass{tail}", *lines[node.end_lineno :]])


class Export:
    """The package of a module, and its tests."""

    def __init__(self, source: Source):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.path = self.folder / "tinytorch" / "core" / f"{source.module}.py"
        self.text = WORKSPACE.export(source.module).read_text(encoding="utf-8")
        for name, content in source.package_files.items():
            if name.startswith("tinytorch/"):
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / name).write_bytes(content)
        self.path.write_text(self.text, encoding="utf-8")
        self.tests = PackageTests(WORKSPACE.tests / f"test_{source.module}.py", self.folder, source.libraries)

    def exit_code(self, stub: str = "", old: str = "", new: str = "") -> int:
        """What the tests say of the package with the text of one cell, `stub`, replaced: the `old` one by `new`."""
        assert not old or self.text.count(_exported(old)) == 1, "a cell that is not in the export"
        self.path.write_text(self.text.replace(_exported(old), _exported(new)) if old else self.text, encoding="utf-8")
        return self.tests.exit_code(stub)


def _exported(text: str) -> str:
    """A cell's text as nbdev writes it."""
    text = MARKER.sub("", text.partition("\n")[2] + "\n").strip("\n")
    return re.sub(r"(?m)^from tinytorch\.core\.", "from .", text)


@functools.lru_cache(maxsize=4)
def export_of(module: str) -> Export:
    """Kept for a module's next stub, as it knows which tests fail first."""
    return Export(source_of(module))


def stubs(module: str) -> list[str]:
    """Names of the cells of which a student writes something."""
    cells = source_of(module).named_cells.items()
    return [name for name, cell in cells if cell.cell_type == "code" and cell.metadata["nbgrader"]["solution"]]


def deletions(module: str, stub: str, every: int = 1) -> list[Deletion]:
    """Every statement of a stub's solution, or one in `every`, deleted."""
    source, export = source_of(module), export_of(module)
    whole, found = source.named_cells[stub].source, []
    if stub == stubs(module)[0]:
        code = export.exit_code()
        assert code == 0, f"pytest ends with {code} on tests/tinytorch/test_{module}.py as it is (below 0: a signal)"
    for statement, text in mutants(whole)[::every]:
        notebook = with_cells(source.notebook, source, {stub: text})
        unnoticed = {
            "graded cells": not _graded_cells_notice(notebook, source, stub),
            "package tests": export.exit_code(stub, whole, text) == 0,
        }
        found.append(Deletion(stub, statement, tuple(who for who, passes in unnoticed.items() if passes)))
    return found


def _graded_cells_notice(notebook, source: Source, stub: str) -> bool:
    """Whether a check loses: most often it is the stub's own, so that is asked first."""
    own = f"check_{stub}"
    if own in source.check_cells and losers(judged_from(stub, notebook, source, until=own, patience=0.5)):
        return True
    return bool(losers(judged_from(stub, notebook, source, patience=0.5)))


def explanation(module: str, deletion: Deletion) -> str | None:
    """Why nothing can miss a statement, by survivors.yml."""
    explained = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or {}
    return explained.get(module, {}).get(deletion.stub, {}).get(deletion.statement)


def main(modules: list[str]) -> int:
    unexplained = 0
    for module in modules or WORKSPACE.released():
        found = [one for stub in stubs(module) for one in deletions(module, stub)]
        alive = [deletion for deletion in found if deletion.unnoticed_by]
        print(f"{module}: {len(found)} statements, {len(found) - len(alive)} missed when deleted, {len(alive)} not")
        for deletion in alive:
            reason = explanation(module, deletion)
            unexplained += reason is None
            print(f"  {deletion.stub}: {deletion.statement}   (unnoticed by {' and '.join(deletion.unnoticed_by)})")
            print(f"      {reason or 'NOT EXPLAINED'}", flush=True)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
