"""The instructor's notebook of a module: its cells, checks and judges, and the files that grading needs."""

import ast
import builtins
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from tito import checks
from tito.limits import Limits
from tito.notebooks import check_names, grade_id, is_check, is_manual, is_solution, parsed, read, tags, unix_lines
from tito.uses import names_loaded, names_made
from tito.workspace import UserError, Workspace

HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
JUDGE = ("### BEGIN JUDGE", "### END JUDGE")
MARK_SCHEME = ("### BEGIN MARK SCHEME", "### END MARK SCHEME")
SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
GAP = rf"(?ms)^([ \t]*){SOLUTION[0]}.*?{SOLUTION[1]}[^\n]*"  # the first group: how far it is indented
UNANSWERED = "YOUR ANSWER HERE"

# nbgrader does not carry these files from station to station: a name that starts with an underscore
# stays in source/, and the reports of a submission never reach its student.
EMISSIONS = "emissions.json.gz"
IGNORED = ["_*", ".*", "*.pyc", EMISSIONS]


def without(source: str, region: tuple[str, str]) -> str:
    """`source` without the lines of the regions that `region` delimits."""
    begin, end = map(re.escape, region)
    return re.sub(rf"(?ms)^[ \t]*{begin}.*?{end}[^\n]*\n?", "", source).rstrip("\n")


def inside(source: str, region: tuple[str, str]) -> str:
    """The lines inside the regions that `region` delimits."""
    begin, end = map(re.escape, region)
    return "\n".join(re.findall(rf"(?ms)^[ \t]*{begin}[^\n]*\n(.*?)^[ \t]*{end}", source))


def squeezed(text: str) -> str:
    """A text without what editors change on their own: ends of lines, spaces there, empty lines around it."""
    return "\n".join(line.rstrip() for line in unix_lines(text).split("\n")).strip()


def released_text(cell) -> str:
    """The text of an instructor's cell as students receive it: without solution, rubric and hidden tests."""
    text = without(without(cell.source, HIDDEN), MARK_SCHEME)
    cleared, regions = re.subn(GAP, as_stub, text)
    if regions or not is_solution(cell) or STUB.splitlines()[0] in text:
        return cleared
    return STUB if cell.cell_type == "code" else UNANSWERED


def as_stub(gap: re.Match) -> str:
    """What a student receives in the place of a GAP."""
    return "\n".join(gap[1] + line for line in STUB.splitlines())


@dataclass(frozen=True)
class Source:
    """The instructor's notebook of one module, and the files that grading it needs."""

    workspace: Workspace
    module: str

    @classmethod
    def of(cls, workspace: Workspace, module: str) -> "Source":
        """The source of a module. Raises UserError for a module that is unknown or has no source yet."""
        workspace.module(module)
        return cls(workspace, module)

    @property
    def path(self) -> Path:
        """The notebook's file."""
        return self.workspace.notebook(self.module)

    @property
    def folder(self) -> Path:
        """The folder that holds the notebook."""
        return self.path.parent

    @cached_property
    def notebook(self) -> Any:
        """The notebook, as nbformat's NotebookNode."""
        return read(self.path)

    @cached_property
    def named_cells(self) -> dict:
        """grade_id → graded, solution or locked cell, in order."""
        return {grade_id(cell): cell for cell in self.notebook.cells if grade_id(cell)}

    @cached_property
    def graded_cells(self) -> dict:
        """grade_id → cell that gives points, by the machine or by a person, in order."""
        return {name: cell for name, cell in self.named_cells.items() if is_check(cell) or is_manual(cell)}

    @cached_property
    def check_cells(self) -> dict:
        """grade_id → automatically graded cell, in order."""
        return {name: cell for name, cell in self.named_cells.items() if is_check(cell)}

    @cached_property
    def exploration(self) -> dict[str, str]:
        """Cell id → text, for the cells that a grading run may skip."""
        return {cell.id: cell.source for cell in self.notebook.cells if "explore" in tags(cell)}

    @cached_property
    def libraries(self) -> tuple[str, ...]:
        """Modules that the notebook and its drawings import, without those of Python and of the course."""
        own = {"tito", "tinytorch", *sys.stdlib_module_names}
        texts = [cell.source for cell in self.cells if cell.cell_type == "code" and "import" in cell.source]
        texts += [
            self.package_files[name].decode() for name in (f"tito/draw/{self.module}.py",) if name in self.package_files
        ]
        nodes = [node for text in texts for node in ast.walk(parsed(text))]
        names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
        return tuple(sorted({name for name in names if name.partition(".")[0] not in own}))

    @property
    def limits(self) -> Limits:
        """The limits that apply to a run of the module."""
        return self.workspace.course.limits_of(self.module)

    @property
    def follow_through(self) -> bool:
        """Whether later questions are judged once more with the course's answers to earlier ones."""
        return self.workspace.course.follow_through

    @cached_property
    def version(self) -> str:
        """A checksum of the cells, and of the files beside the notebook that only judges read."""
        rows = [[cell.cell_type, cell.metadata.get("nbgrader"), tags(cell), cell.source] for cell in self.cells]
        made = hashlib.sha256(json.dumps(rows, sort_keys=True).encode())
        for name, content in self.private_files.items():
            made.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return made.hexdigest()[:16]

    @property
    def cells(self) -> list:
        """All cells of the notebook."""
        return self.notebook.cells

    @cached_property
    def released_texts(self) -> dict[str, str]:
        """Cell id → the text that students receive, squeezed, in order."""
        return {cell.id: squeezed(released_text(cell)) for cell in self.cells}

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The files beside the notebook that reach students: path → content."""
        return folder_files(self.folder)

    @property
    def private_files(self) -> dict[str, bytes]:
        """The files beside the notebook that only judges read, such as labels: path → content."""
        places = {path.relative_to(self.folder): path for path in sorted(self.folder.rglob("*")) if path.is_file()}
        hidden = [place for place in places if any(part.startswith("_") for part in place.parts)]
        return {place.as_posix(): places[place].read_bytes() for place in hidden if place.suffix != ".pyc"}

    @cached_property
    def expectations(self) -> dict:
        """Seed → what the notebook itself reported. autograder.judging.expected fills it."""
        return {}

    @cached_property
    def package_files(self) -> dict[str, bytes]:
        """The files that notebooks of this module may import: the checks, and the reference of earlier modules."""
        course, package = list(self.workspace.course.modules), self.workspace.package
        found = {"tito/__init__.py": b"", "tito/checks.py": Path(checks.__file__).read_bytes()}
        for path in sorted((Path(checks.__file__).parent / "draw").glob("*.py")):
            found[f"tito/draw/{path.name}"] = path.read_bytes()
        for path in (package / "__init__.py", package / "core" / "__init__.py"):
            found[f"tinytorch/{path.relative_to(package)}"] = path.read_bytes()
        for earlier in course[: course.index(self.module)]:
            path = self.workspace.export(earlier)
            if path.is_file():
                found[f"tinytorch/core/{path.name}"] = path.read_bytes()
        return found

    def given_names(self, text: str) -> dict[str, str]:
        """Names in a check's text that a student can't take away: name → its module, "" for one of Python's own.

        They are Python's functions and the modules that the notebook imports, unless the notebook itself gives the
        name to something else.
        """
        own, modules = self._names_of_its_own
        known = {**dict.fromkeys(vars(builtins), ""), **modules}
        return {name: known[name] for name in sorted(names_loaded(text)) if name in known and name not in own}

    @cached_property
    def _names_of_its_own(self) -> tuple[set[str], dict[str, str]]:
        """The names that the notebook gives to anything but a module, and those of modules: name → module."""
        texts = [cell.source for cell in self.cells if cell.cell_type == "code" and not is_check(cell)]
        nodes = [node for text in texts for node in parsed(text).body if isinstance(node, ast.Import)]
        modules = {
            alias.asname or alias.name.partition(".")[0]: alias.name if alias.asname else alias.name.partition(".")[0]
            for node in nodes
            for alias in node.names
        }
        return set().union(*map(names_made, texts)) - modules.keys(), modules

    def partial(self, name: str) -> bool:
        """Whether the strong checks of a cell share its points."""
        return "partial" in tags(self.check_cells[name])

    def points(self, name: str) -> float:
        """The points of the graded cell `name`."""
        return float(self.check_cells[name].metadata["nbgrader"]["points"])

    def visible_checks(self, name: str) -> list[str]:
        """Names of the checks that students see in a cell."""
        return self._visible_checks[name]

    @cached_property
    def _visible_checks(self) -> dict[str, list[str]]:
        return {name: check_names(without(cell.source, HIDDEN)) for name, cell in self.check_cells.items()}

    def judge_text(self, name: str) -> str:
        """The JUDGE block of the graded cell `name`; "" without one."""
        return inside(self.check_cells[name].source, JUDGE)


def folder_files(folder: Path, limit: int = 50_000_000) -> dict[str, bytes]:
    """The files below `folder`, without notebooks and ignored names: path → content.

    Links are not followed. Raises UserError if the files have more than `limit` bytes together.
    """
    found, total = {}, 0
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb" or ignored(relative):
            continue
        total += path.stat().st_size
        if total > limit:
            raise UserError(f"{folder} holds more than {limit // 1_000_000} MB of files beside its notebook.")
        found[relative.as_posix()] = path.read_bytes()
    return found


def ignored(path: PurePath) -> bool:
    """Whether nbgrader leaves a file where it is."""
    return any(PurePath(part).match(pattern) for part in path.parts for pattern in [*IGNORED, "__pycache__"])


def question_label(name: str) -> str:
    """The name of a graded cell as people say it, without `check_` or `reflect_`."""
    return name.removeprefix("check_").removeprefix("reflect_").strip("_")
