"""Reading notebooks that people have edited, with messages that say what is wrong with them."""

import ast
import hashlib
import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

from tito.workspace import UserError, Workspace

EMPTY = re.compile(r"# YOUR CODE HERE\s*raise NotImplementedError\(\)")
EXPORT = re.compile(r"#\s*\|\s*export[is]?\b")
NO_ANSWER = "YOUR ANSWER HERE"
MOST_CELLS, MOST_TEXT = 2_000, 10_000_000  # of a notebook; characters in all cells together
MOST_DEPTH = 100  # of lists and dicts inside each other: Pythons differ in how many they can read
MOST_PARTS = 500_000  # lists, dicts and what they hold: a file of 50 MB could fill 2 GB of memory
CELL = "cell"  # what Python calls the text of a cell
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
NO_PYTHON = SyntaxError, ValueError, RecursionError, MemoryError  # what Python raises for a text that it can't compile

# Python warns whoever runs a cell, by its name; here the warning would name none, and could be an error. Older Pythons
# warn of the text, newer ones of the module that compiles the text.
warnings.filterwarnings("ignore", category=SyntaxWarning, module=rf"({CELL}|ast|tito\.(notebooks|uses))$")


def load(path: Path) -> dict:
    """The notebook at `path` as plain data. Quick. Raises UserError, which names the file and says what is wrong."""
    shown = shorten(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{shown} does not exist.") from None
    except OSError as error:
        raise UserError(f"{shown} can't be read: {error.strerror}.") from None
    return parse(raw, shown)


def parse(raw: bytes, shown: str) -> dict:
    """The notebook in the bytes of the file `shown`, as plain data. Raises UserError, which says what is wrong."""
    try:
        refuse_too_many_parts(raw, shown)
        notebook = json.loads(raw)  # of bytes, json also reads a BOM, and UTF-16
        if _is_deeper(notebook, MOST_DEPTH):
            raise ValueError(f"more than {MOST_DEPTH} lists and dicts inside each other")
        if notebook["nbformat"] != 4:
            raise UserError(f"{shown} is in notebook format {notebook['nbformat']}. Open and save it in JupyterLab.")
        if len(notebook["cells"]) > MOST_CELLS:
            raise UserError(f"{shown} has {len(notebook['cells']):,} cells, more than {MOST_CELLS:,}.")
        for cell in notebook["cells"]:
            _normalise(cell)
        if sum(len(cell["source"]) for cell in notebook["cells"]) > MOST_TEXT:
            raise UserError(f"{shown} has more than {MOST_TEXT:,} characters in its cells.")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise UserError(f"{shown} is not a readable notebook ({type(error).__name__}: {reason}).") from None
    return notebook


def refuse_too_many_parts(raw: bytes, shown: str) -> None:
    """Raise UserError for the JSON of a notebook that would fill the memory, before anything reads it."""
    if _parts(raw) > MOST_PARTS and _parts(STRING.sub(b"", raw)) > MOST_PARTS:
        raise UserError(f"{shown} has more than {MOST_PARTS:,} parts: clear its outputs, or remove cells.")


def _parts(raw: bytes) -> int:
    return sum(map(raw.count, (b",", b"[", b"{")))


def _is_deeper(value, depth: int) -> bool:
    """Whether more than `depth` lists and dicts lie inside each other."""
    level = [value]
    for _ in range(depth):
        parts = (part for one in level for part in (one.values() if isinstance(one, dict) else one))
        level = [part for part in parts if isinstance(part, dict | list)]
    return bool(level)


def _normalise(cell):
    if not isinstance(cell["cell_type"], str) or not isinstance(cell.setdefault("metadata", {}), dict):
        raise ValueError("a cell without a type or with broken metadata")
    cell["source"] = unix_lines("".join(cell["source"])).encode(errors="replace").decode()  # of half an emoji: "?"
    if cell["cell_type"] == "code":
        if not isinstance(cell.get("outputs"), list):
            cell["outputs"] = []
        cell.setdefault("execution_count", None)


def unix_lines(text: str) -> str:
    """A text whose lines end as this course writes them. Some editors end them in other ways."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(path: Path) -> Any:
    """The notebook at `path` as nbformat's NotebookNode. Raises UserError like `load`."""
    import nbformat

    return nbformat.from_dict(load(path))


def of(workspace: Workspace, module: str) -> dict:
    """A module's notebook as plain data. Raises UserError, which says how to go on."""
    path = workspace.notebook(module)
    if not os.path.lexists(path):
        raise UserError(workspace.missing(module))
    try:
        return load(path)
    except UserError as error:
        raise UserError(f"{error} {_way_out(workspace, module)}") from None


def _way_out(workspace: Workspace, module: str) -> str:
    """How to go on where a module's notebook can't be read."""
    path = workspace.notebook(module)
    name = workspace.relative(path)
    kept = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb"
    earlier = f"Jupyter kept an earlier one: {workspace.relative(kept)}. " if _is_readable(kept) else ""
    if holds_two_versions(path):
        commits = f"git log --oneline -- {name}, then git checkout COMMIT -- {name}"
        earlier = (
            f"git left two versions in it. Before git's merge is finished: git merge --abort. After that: {commits}. "
        )
    return f"{earlier}Start afresh with: python bin/tito.py reset --module {module} (yours is kept as a backup)."


def holds_two_versions(path: Path) -> bool:
    """Whether git, which merges line by line, could not join two versions of the notebook, and left both in it."""
    try:
        return re.search(rb"^<<<<<<< ", path.read_bytes(), re.MULTILINE) is not None
    except OSError:
        return False


def _is_readable(path: Path) -> bool:
    try:
        load(path)
    except UserError:
        return False
    return True


def released(workspace: Workspace, module: str) -> dict | None:
    """The module's notebook as the student received it; None without such a copy."""
    path = workspace.pristine(module)
    return load(path) if path.is_file() else None


def untouched(workspace: Workspace, module: str, own) -> bool:
    """Whether the code of a student's notebook is as it was released."""
    if workspace.instructor:
        return False
    pristine = released(workspace, module)
    if pristine is None:
        return empty_stubs(own) == stubs(own)
    return digest(own) == digest(pristine)


def shorten(path: Path) -> str:
    """A path as people type it: relative to the current folder if it lies in that folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def grade_id(cell) -> str | None:
    """nbgrader's name for a cell; None for a cell that nbgrader does not know."""
    name = _nbgrader(cell).get("grade_id")
    return name if isinstance(name, str) and name else None


def cell_name(cell) -> str:
    """What to call a cell in a message: its grade_id, or its id."""
    return grade_id(cell) or str(cell.get("id", ""))


def cell_title(cell) -> str:
    """How a person finds a cell in JupyterLab: by its grade_id, or by how it begins."""
    lines = (line.strip() for line in cell["source"].splitlines())
    first = next((line for line in lines if line and not line.startswith("#|")), "")
    return grade_id(cell) or f"the cell `{first if len(first) <= 40 else first[:39] + '…'}`"


def is_check(cell) -> bool:
    """Whether the cell is graded automatically."""
    meta = _nbgrader(cell)
    return bool(meta.get("grade")) and not meta.get("solution") and cell["cell_type"] == "code"


def is_manual(cell) -> bool:
    """Whether the cell is graded by a person."""
    meta = _nbgrader(cell)
    return bool(meta.get("grade")) and bool(meta.get("solution"))


def is_solution(cell) -> bool:
    """Whether the cell's text is the student's to write."""
    return bool(_nbgrader(cell).get("solution"))


def is_stub(cell) -> bool:
    """Whether the cell is code for the student to write."""
    return is_solution(cell) and not _nbgrader(cell).get("grade") and cell["cell_type"] == "code"


def is_locked(cell) -> bool:
    """Whether grading puts the released text of the cell back."""
    return bool(_nbgrader(cell).get("locked")) and cell["cell_type"] == "code"


def is_exported(cell) -> bool:
    """Whether nbdev takes the cell: the directive must stand before any code."""
    if cell["cell_type"] != "code":
        return False
    for line in filter(None, map(str.strip, cell["source"].splitlines())):
        if EXPORT.match(line):
            return True
        if not re.match(r"#\s*\||%%", line):
            return False
    return False


def points(cell) -> float:
    """How many points a cell is worth."""
    found = _nbgrader(cell).get("points", 0)
    return found if isinstance(found, (int, float)) else 0


def total(notebook) -> tuple[float, float]:
    """The points of all check cells together, and those of all answers that a person reads."""
    cells = notebook["cells"]
    return sum(map(points, filter(is_check, cells))), sum(map(points, filter(is_manual, cells)))


def tags(cell) -> list:
    """The tags of a cell, as JupyterLab shows them."""
    found = cell.get("metadata", {}).get("tags", [])
    return found if isinstance(found, list) else []


def empty_stubs(notebook) -> list[str]:
    """Names of the stubs that are still as released."""
    return [cell_name(cell) for cell in notebook["cells"] if is_stub(cell) and EMPTY.search(cell["source"])]


def stubs(notebook) -> list[str]:
    """Names of all stubs."""
    return [cell_name(cell) for cell in notebook["cells"] if is_stub(cell)]


def answers(notebook) -> list[str]:
    """Names of all reflections."""
    return [cell_name(cell) for cell in notebook["cells"] if is_manual(cell)]


def empty_answers(notebook) -> list[str]:
    """Names of the reflections without an answer."""
    return [
        cell_name(cell)
        for cell in notebook["cells"]
        if is_manual(cell) and (NO_ANSWER in cell["source"] or not cell["source"].strip())
    ]


def digest(notebook, written: bool = False) -> str:
    """A checksum of the code, and of the text, too, if `written`. Running the notebook does not change it."""
    texts = [cell["source"].strip() for cell in notebook["cells"] if written or cell["cell_type"] == "code"]
    return hashlib.sha256(json.dumps([text for text in texts if text]).encode()).hexdigest()


def syntax_error(source: str) -> str:
    """What Python says about a text that does not compile; "" where it compiles."""
    try:
        compile(source, CELL, "exec", dont_inherit=True)
    except SyntaxError as error:
        text = f": {error.text.strip()}" if error.text and error.text.strip() else ""
        return f"{f'line {error.lineno}: ' if error.lineno else ''}{error.msg}{text}"
    except ValueError as error:  # null bytes
        return str(error)
    except (RecursionError, MemoryError):
        return "nested too deeply for Python"
    return ""


def parsed(text: str) -> ast.Module:
    """The syntax tree of a cell without its magics; an empty one if the text is no Python: the run says so."""
    try:
        return ast.parse(without_magics(text), CELL)
    except NO_PYTHON:
        return ast.Module([], [])


def without_magics(text: str) -> str:
    """The text of a cell without the lines that only IPython understands."""
    return re.sub(r"(?m)^\s*[%!].*$", "", text)


def check_names(source: str) -> list[str]:
    """Names of the checks in a cell's text, in order."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        call.args[0].value
        for call in sorted(calls, key=lambda call: call.lineno)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "checks"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]


def _nbgrader(cell) -> dict:
    meta = cell.get("metadata")
    found = meta.get("nbgrader") if isinstance(meta, dict) else None
    return found if isinstance(found, dict) else {}
