"""Which graded question of a notebook uses the answer to which: by the names in the texts of its cells."""

import ast
import functools
import symtable
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tito.notebooks import CELL, NO_PYTHON, empty_stubs, grade_id, is_check, is_stub, without_magics

DEFINITIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef


def answers_used(*notebooks) -> dict[str, set[str]]:
    """check → the checks of the earlier questions whose answers it needs in any of the notebooks of one module.

    It may need them by way of others. A name counts wherever a cell loads it, also in a function that is called later.
    A student's own cells without a name do not count.
    """
    found: dict[str, set[str]] = {}
    for notebook in notebooks:
        for check, used in _answers_used(notebook).items():
            found.setdefault(check, set()).update(used)
    return found


def _answers_used(notebook) -> dict[str, set[str]]:
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and grade_id(cell)]
    pieces = [piece for index, cell in enumerate(cells) for piece in _pieces(index, cell)]
    asked_by, found = _asked_by(cells), {}
    for index, cell in enumerate(cells):
        if is_check(cell):
            own = {at for at, check in asked_by.items() if check == grade_id(cell)} | {index}
            reached = _reached([piece for piece in pieces if piece.cell in own], index, pieces)
            found[grade_id(cell)] = {asked_by[at] for at in reached if at in asked_by} - {grade_id(cell)}
    return found


@dataclass(frozen=True)
class _Piece:
    """What runs together: a cell, or a function or class of a cell that only defines them."""

    cell: int
    made: frozenset[str]
    loaded: frozenset[str]
    optional: bool = False  # without effect until somebody uses its name


def _pieces(index: int, cell) -> list[_Piece]:
    """The pieces of the cell at `index`. An answer is one piece: its check asks about all of it."""
    text = cell["source"]
    if is_check(cell):
        return [_Piece(index, frozenset(), names_loaded(text))]
    if is_stub(cell):
        return [_Piece(index, names_made(text), names_loaded(text))]
    rest, *definitions = _definitions(text)
    return [_Piece(index, *rest), *(_Piece(index, *names, optional=True) for names in definitions)]


@functools.lru_cache(maxsize=2000)
def _definitions(text: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """The names (made, loaded) by the statements of a cell: all others together, then each definition."""
    return [(names_made(one), names_loaded(one)) for one in _taken_apart(text)]


def _taken_apart(text: str) -> list[str]:
    """The other statements of a cell, then each definition; a cell that is no Python, as it is.

    A definition with a decorator is among the others, because the decorator runs.
    """
    try:
        statements = ast.parse(without_magics(text), CELL).body
        alone = [one for one in statements if isinstance(one, DEFINITIONS) and not one.decorator_list]
        others = ast.Module([one for one in statements if one not in alone], [])
        return [ast.unparse(one) for one in (others, *alone)]
    except NO_PYTHON:
        return [text]


def stubs_asked(notebook) -> dict[str, list[str]]:
    """check → the stubs that it asks about: those since the check before. None for a check that asks once more."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and grade_id(cell)]
    found: dict[str, list[str]] = {str(grade_id(cell)): [] for cell in cells if is_check(cell)}
    for index, check in _asked_by(cells).items():
        found[check].append(str(grade_id(cells[index])))
    return found


def _asked_by(cells: list) -> dict[int, str]:
    """Index of a stub → the check that asks about it."""
    found, waiting = {}, []
    for index, cell in enumerate(cells):
        if is_stub(cell):
            waiting.append(index)
        elif is_check(cell):
            found |= dict.fromkeys(waiting, str(grade_id(cell)))
            waiting = []
    return found


def _reached(start: Iterable[_Piece], before: int, pieces: list[_Piece]) -> set[int]:
    """The cells before `before` that the pieces in `start` lead to, by the names that they load."""
    reached, waiting = set(), list(start)
    while waiting:
        piece = waiting.pop()
        if piece not in reached:
            reached.add(piece)
            waiting += [one for one in pieces if one.cell == piece.cell and not one.optional]
            waiting += [one for one in pieces if one.cell < before and not piece.loaded.isdisjoint(one.made)]
    return {piece.cell for piece in reached}


@functools.lru_cache(maxsize=2000)  # most cells are the same for a whole class
def names_made(text: str) -> frozenset[str]:
    """The names that a cell gives a value to, outside of its functions and classes."""
    return frozenset(
        symbol.get_name() for symbol in _table(text).get_symbols() if symbol.is_assigned() or symbol.is_imported()
    )


@functools.lru_cache(maxsize=2000)
def names_loaded(text: str) -> frozenset[str]:
    """The names that a cell, or a function in it, looks up in the notebook, without those that the cell makes."""
    found, waiting = set(), [_table(text)]
    while waiting:
        table = waiting.pop()
        whole = table.get_type() == "module"
        found |= {one.get_name() for one in table.get_symbols() if one.is_referenced() and (whole or one.is_global())}
        waiting += table.get_children()
    return frozenset(found - names_made(text))


def _table(text: str) -> symtable.SymbolTable:
    """The names of a cell; none if it is no Python."""
    try:
        return symtable.symtable(without_magics(text), CELL, "exec")
    except NO_PYTHON:
        return symtable.symtable("", CELL, "exec")


def first_causes(failed: Sequence[str], uses: dict[str, set[str]], by_themselves: Collection[str]) -> dict[str, str]:
    """A check that failed → the first one whose answer it uses that failed, too; itself if there is none.

    failed: in the order of the notebook
    by_themselves: those that fail whatever others do
    """
    found: dict[str, str] = {}
    for name in failed:
        used = [one for one in found if one in uses.get(name, ())]
        found[name] = found[used[0]] if used and name not in by_themselves else name
    return found


def not_begun(notebook) -> set[str]:
    """The graded cells about answers that are still as they were released, or half so."""
    empty = set(empty_stubs(notebook))
    return {check for check, stubs in stubs_asked(notebook).items() if empty.intersection(stubs)}


def modules_imported(path: Path) -> set[str]:
    """The modules that a file imports, by `from tinytorch.core.tensor import …` or `from tinytorch.core import …`."""
    nodes = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.ImportFrom)]
    names = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
    return {name.split(".")[2] for name in names if name.startswith("tinytorch.core.")}
