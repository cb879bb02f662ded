"""Delete every statement of every solution, one at a time: both graded cells and the package's tests must notice.

    python tests/course/delete_statements.py [MODULE]...      (about half a second a statement on two cores)

Each time the notebook is graded as a submission, and what it then exports is put through
tests/tinytorch. Prints the statements that one of the two did not miss, each with the reason that
survivors.yml gives for it, and exits 1 if one has none. Deleting means putting `pass` in its place.
"""

import ast
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml
from versions import WORKSPACE, judged, losers, source_of

from autograder.source import Source
from autograder.versions import with_cells
from tito.export import render

EXPLAINED = Path(__file__).with_name("survivors.yml")
SECONDS = 60  # a deleted statement may well leave an endless loop


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


def package_tests_pass(source: Source, notebook) -> bool:
    """Whether the tests of the package accept what `notebook` exports."""
    with tempfile.TemporaryDirectory() as folder:
        core = Path(folder) / "tinytorch" / "core"
        for name, content in source.package_files.items():
            if name.startswith("tinytorch/"):
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / name).write_bytes(content)
        nbformat.write(notebook, Path(folder) / source.path.name)
        (core / f"{source.module}.py").write_text(render(Path(folder) / source.path.name, source.module, "mutant"))
        tests = WORKSPACE.tests / f"test_{source.module}.py"
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(tests)]
        try:
            done = subprocess.run(
                command, cwd=folder, env={**os.environ, "PYTHONPATH": folder}, capture_output=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


def deletions(module: str) -> list[Deletion]:
    """Every statement of a module's solutions, deleted."""
    source = source_of(module)
    assert package_tests_pass(source, source.notebook), f"tests/tinytorch/test_{module}.py fails as it is"
    tasks = [
        (name, statement, text)
        for name, cell in source.named_cells.items()
        if cell.cell_type == "code" and cell.metadata["nbgrader"]["solution"]
        for statement, text in mutants(cell.source)
    ]

    def delete(task) -> Deletion:
        name, statement, text = task
        notebook = with_cells(source.notebook, source, {name: text})
        unnoticed = {
            "graded cells": lambda: not losers(judged(notebook, source)),
            "package tests": lambda: package_tests_pass(source, notebook),
        }
        return Deletion(name, statement, tuple(who for who, passes in unnoticed.items() if passes()))

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(delete, tasks))


def explanation(module: str, deletion: Deletion) -> str | None:
    """Why nothing can miss a statement, by survivors.yml."""
    explained = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or {}
    return explained.get(module, {}).get(deletion.stub, {}).get(deletion.statement)


def main(modules: list[str]) -> int:
    unexplained = 0
    for module in modules or WORKSPACE.released():
        found = deletions(module)
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
