"""Delete every statement of every solution, one at a time: some graded cell must notice.

    python tests/course/delete_statements.py [MODULE]...      (about 1.5 s a statement on two cores)

Prints the statements that nothing missed, each with the reason that survivors.yml gives for it, and
exits 1 if one has none. Deleting means putting `pass` in its place.
"""

import ast
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from versions import WORKSPACE, judged, losers, source_of

from autograder.versions import with_cells

EXPLAINED = Path(__file__).with_name("survivors.yml")


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


def survivors(module: str) -> tuple[int, list[tuple[str, str]]]:
    """How many statements there are, and (stub, statement) of those that no graded cell missed."""
    source = source_of(module)
    tasks = [
        (name, statement, text)
        for name, cell in source.named_cells.items()
        if cell.cell_type == "code" and cell.metadata["nbgrader"]["solution"]
        for statement, text in mutants(cell.source)
    ]

    def survives(task):
        name, _, text = task
        return not losers(judged(with_cells(source.notebook, source, {name: text}), source))

    with ThreadPoolExecutor(2) as pool:
        alive = list(pool.map(survives, tasks))
    return len(tasks), [task[:2] for task, lives in zip(tasks, alive, strict=True) if lives]


def main(modules: list[str]) -> int:
    explained = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or {}
    unexplained = 0
    for module in modules or WORKSPACE.released():
        count, alive = survivors(module)
        print(f"{module}: {count} statements, {count - len(alive)} missed when deleted, {len(alive)} not")
        for stub, statement in alive:
            reason = explained.get(module, {}).get(stub, {}).get(statement)
            unexplained += reason is None
            print(f"  {stub}: {statement}\n      {reason or 'NOT EXPLAINED'}", flush=True)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
