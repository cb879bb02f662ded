"""Find mistakes in source/ without a run: markers, names, and imports of modules that a student lacks."""

import ast
import importlib.util
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator

from autograder.judging.source import HIDDEN, JUDGE, MARK_SCHEME, SOLUTION, Source, parsed
from tito.notebooks import cell_title, grade_id, is_check, tags
from tito.workspace import MANIFEST

PAIRS = (HIDDEN, JUDGE, MARK_SCHEME, SOLUTION)
LIKE_A_MARKER = re.compile(r"(?i)#\s*(BEGIN|END)\s*(SOLUTION|HIDDEN|JUDGE|MARK)|(BEGIN|END) (SOLUTION|HIDDEN TESTS)")
MODULE = re.compile(r"tinytorch\.(core\.\w+|(?!core\b)\w+)(?=[\w.]*$)")
UNKNOWN = "which is no module of this course"
IMPORT = re.compile(r"(?m)^[ \t]*(?:>>> )?((?:from|import) tinytorch\b.*)$")


def slips(source: Source) -> list[str]:
    """The mistakes in a module, in words."""
    found = [_doubles, _skipped, _impossible_points, _wrong_markers, _wrong_imports, _absent_libraries]
    return [slip for find in found for slip in find(source)]


def _doubles(source: Source) -> Iterator[str]:
    for name, count in Counter(filter(None, map(grade_id, source.cells))).items():
        if count > 1:
            yield f"{count} cells have the grade_id {name}"


def _skipped(source: Source) -> Iterator[str]:
    for name, cell in source.check_cells.items():
        if "explore" in tags(cell):
            yield f"{name}: it is tagged explore, so no check in it is ever reached"


def _impossible_points(source: Source) -> Iterator[str]:
    for name, cell in source.named_cells.items():
        points = cell.metadata["nbgrader"].get("points", 0)
        if not isinstance(points, int | float) or not 0 <= points < math.inf:
            yield f"{name}: its points are {points!r}, and must be a number from 0 on"


# --- markers ----------------------------------------------------------------------------------------


def _wrong_markers(source: Source) -> Iterator[str]:
    for cell in source.cells:
        title, open_ = cell_title(cell), []
        for line in map(str.strip, cell.source.splitlines()):
            pair = next((pair for pair in PAIRS if line.startswith(pair)), None)
            if pair is None:
                if LIKE_A_MARKER.search(line):
                    yield f"{title}: {line!r} is like a marker, but none"
            elif line.startswith(pair[0]):
                yield from _opened(title, cell, pair, open_)
                open_.append(pair)
            elif open_[-1:] == [pair]:
                open_.pop()
            else:
                yield f"{title}: {line!r} ends what did not begin"
        yield from (f"{title}: {pair[0]!r} has no {pair[1]!r}" for pair in open_)


def _opened(title: str, cell, pair: tuple[str, str], inside: list[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with a region that begins inside the regions `inside`."""
    if inside != ([HIDDEN] if pair == JUDGE else []):
        yield f"{title}: {pair[0]!r} stands {f'inside of {inside[-1][0]!r}' if inside else 'outside of hidden tests'}"
    if pair in (HIDDEN, JUDGE) and not is_check(cell):
        yield f"{title}: {pair[0]!r} stands in a cell that is not graded by the machine"
    if pair == SOLUTION and not cell.metadata.get("nbgrader", {}).get("solution"):
        yield f"{title}: {pair[0]!r} stands in a cell that is no solution"


# --- imports ----------------------------------------------------------------------------------------


def imported_modules(source: Source) -> set[str]:
    """The earlier modules that the notebook imports, anywhere in it."""
    rows = source.workspace.course.modules
    texts = [cell.source for cell in source.cells if cell.cell_type == "code"]
    names = {name.removeprefix("tinytorch.core.") for text in texts for name in _imported(text)}
    return {name for name in names if name in list(rows)[: list(rows).index(source.module)]}


def _wrong_imports(source: Source) -> Iterator[str]:
    """Modules that this one needs, and that a student who works on it lacks."""
    row = source.workspace.course.modules[source.module]
    for needed in dict.fromkeys([*row.prerequisites, *row.needs]):
        if needed == source.module or _absence(source, needed):
            yield f"course.yml: it needs {needed}, {_absence(source, needed) or 'which is the module itself'}"
    known = source.workspace.course.closure([source.module])
    for place, text in _texts(source):
        for name, at_once in sorted(_imported(text).items()):
            needed = name.removeprefix("tinytorch.core.")
            why = _absence(source, needed) or (
                None if needed in known else f"which is not among its `needs:` in {MANIFEST}"
            )
            if why and (at_once or why == UNKNOWN):
                yield f"{place}: it imports {name}, {why}"


def _absent_libraries(source: Source) -> Iterator[str]:
    """Libraries that a cell imports when it runs, and that are not there, or not there for students."""
    beside = {name.partition("/")[0].removesuffix(".py") for name in source.files} | {"tinytorch", "tito"}
    for cell in source.cells:
        if cell.cell_type == "code" and "import" in cell.source:
            for name in sorted(_at_once(parsed(cell.source), _libraries) - beside - sys.stdlib_module_names):
                if name == "autograder":
                    yield f"{cell_title(cell)}: it imports autograder, which students do not have"
                elif importlib.util.find_spec(name) is None:
                    yield f"{cell_title(cell)}: it imports {name}, which is not installed"


def _libraries(node: ast.AST) -> Iterator[str]:
    """The first part of each name in one import."""
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.partition(".")[0]


def _texts(source: Source) -> Iterator[tuple[str, str]]:
    """(place, Python) for the notebook's cells, and for the files beside it that reach students."""
    for cell in source.cells:
        if cell.cell_type == "code":
            yield cell_title(cell), cell.source
    for name, content in source.files.items():
        if name.endswith(".py"):
            yield name, content.decode(errors="replace")
        elif name.endswith(".md"):
            yield from ((name, line) for line in IMPORT.findall(content.decode(errors="replace")))


def _imported(text: str) -> dict[str, bool]:
    """Modules below `tinytorch` that a text imports → whether the import runs with the cell.

    A function may import a later module when somebody calls it, and a `try` may do without one.
    """
    if "tinytorch" not in text:  # parsing takes time, and this is asked whenever something is graded
        return {}
    tree = parsed(text)
    at_once = _at_once(tree, _named)
    return {name: name in at_once for node in ast.walk(tree) for name in _named(node)}


def _at_once(node: ast.AST, named: Callable[[ast.AST], Iterator[str]]) -> set[str]:
    """What `named` finds in the nodes that run with the cell: in no function, and in no `try`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Try):
        return set()
    return set(named(node)).union(*(_at_once(child, named) for child in ast.iter_child_nodes(node)))


def _named(node: ast.AST) -> Iterator[str]:
    """The modules below `tinytorch` in one node: in an import, or in a text as for importlib.import_module."""
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.Constant):
        names = [text for text in [str(node.value)] if text.startswith("tinytorch.core.")]
    yield from (found[0] for name in names if (found := MODULE.match(name)))


def _absence(source: Source, name: str) -> str | None:
    """Why a student who works on this module lacks the module `name`; None if they have it."""
    rows = source.workspace.course.modules
    own = rows[source.module]
    if name in source.workspace.course.hidden:
        return "which is hidden in this course"
    if name not in rows:
        return UNKNOWN
    if list(rows).index(name) > list(rows).index(source.module):
        return "which comes later in the course"
    if rows[name].state == "draft" and own.state != "draft":
        return "which is a draft"
    if rows[name].state == "elective" and own.state not in ("draft", "elective"):
        return "which is an elective that this course does not teach"
    return None if source.workspace.notebook(name).is_file() else "which has no notebook in source/"
