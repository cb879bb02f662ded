"""Decide which of several notebooks counts as a student's work on a module.

A notebook's cells say which module it belongs to, whatever the file is called. One that is as it was released is passed
over if another was worked on. Of two that were worked on, a person decides.
"""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.judging.source import Source, squeezed
from tito.notebooks import MOST_CELLS, grade_id, refuse_too_many_parts
from tito.workspace import UserError, Workspace

COMMON = {"title", "imports", "default_exp", "notebook_imports"}  # cells that every module has
BACKUP = ".backup-"  # as tito names the copies that it keeps
AS_RELEASED = "passed over: as it was released"


@dataclass(frozen=True)
class Candidate:
    """A notebook that a student handed in.

    path: how it is shown
    version: of a system that keeps earlier attempts: name, attempt, number of the file
    """

    path: str
    content: bytes
    version: tuple[str, int, int] | None = None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name

    @functools.cached_property
    def cells(self) -> list[dict] | None:
        """The cells; None if this is no notebook that can be read."""
        try:
            refuse_too_many_parts(self.content, self.path)
            cells = json.loads(self.content)["cells"]
            return [cell for cell in cells[:MOST_CELLS] if isinstance(cell, dict)]
        except (UserError, ValueError, KeyError, TypeError, RecursionError):
            return None

    @functools.cached_property
    def texts(self) -> tuple[str, ...]:
        """The cells' texts, squeezed, without empty ones."""
        return tuple(text for cell in self.cells or [] if (text := squeezed(_text_of(cell))))


def is_notebook(name: str) -> bool:
    """Whether a file is called like a notebook."""
    return name.lower().endswith(".ipynb")


def module_of(notebook: Candidate, workspace: Workspace) -> str | None:
    """The module that a notebook belongs to, by the names and texts of its cells, or by its name if it has no such."""
    by_name = next((name for name in workspace.written() if f"{name}_dev" in notebook.name), None)
    if notebook.cells is None:
        return by_name
    found = {name for cell in notebook.cells for name in (grade_id(cell), cell.get("id")) if isinstance(name, str)}
    shared = {name: _share(workspace, name, found, set(notebook.texts)) for name in workspace.written()}
    best = max(shared, key=lambda name: shared[name], default=None)
    return best if best and shared[best] > 1 / 4 else None


def _share(workspace: Workspace, module: str, names: set[str], texts: set[str]) -> float:
    """Which share of a module's cells a notebook has, by name or by text."""
    own_names, own_texts = _marks(workspace, module)
    return max(len(names & own_names) / max(1, len(own_names)), len(texts & own_texts) / max(1, len(own_texts)))


@functools.cache
def _marks(workspace: Workspace, module: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names and texts of cells that only this module's notebook has."""
    source = Source.of(workspace, module)
    locked = [cell.id for name, cell in source.named_cells.items() if name not in COMMON]
    texts = frozenset(source.released_texts[id_] for id_ in locked) - {""}
    return frozenset(source.named_cells) - COMMON, texts


def is_untouched(notebook: Candidate, source: Source) -> bool:
    """Whether nothing was added to the notebook, or changed in it, since it was released."""
    return notebook.cells is not None and set(notebook.texts) <= set(source.released_texts.values())


def choose(source: Source, notebooks: Sequence[Candidate]) -> tuple[Candidate | None, dict[int, str]]:
    """The notebook that counts, None if none is of the module, and why others are passed over: number → reason.

    Raises UserError if a person has to decide.
    """
    own = [number for number, one in enumerate(notebooks) if _is_of(one, source)]
    own.sort(key=lambda number: notebooks[number].name != source.path.name)
    worked = [number for number in own if not is_untouched(notebooks[number], source)]
    current = [number for number in worked if BACKUP not in notebooks[number].name]
    works = {_work(notebooks[number], source): number for number in reversed(current or worked)}
    if len(works) > 1 and (newest := _newest([notebooks[number] for number in works.values()])):
        works = {key: number for key, number in works.items() if notebooks[number] is newest}
        why = "left out: an older attempt"
    elif len(works) > 1:
        paths = ", ".join(sorted(notebooks[number].path for number in works.values()))
        raise UserError(f"{len(works)} notebooks were worked on, and a person has to say which one counts: {paths}")
    else:
        why = "passed over: a backup, or the same work"
    if not own:
        return None, {}
    best = next(iter(works.values()), own[0])
    passed = {number: why if number in worked else AS_RELEASED for number in own if number != best}
    return notebooks[best], passed


def _is_of(notebook: Candidate, source: Source) -> bool:
    """Whether a notebook is of the module. One of the right name is, unless its cells say another."""
    found = module_of(notebook, source.workspace)
    return found == source.module or (found is None and notebook.name == source.path.name)


def _work(notebook: Candidate, source: Source) -> tuple | bytes:
    """What a student did in a notebook; two notebooks of the same work are equal in it."""
    if notebook.cells is None:
        return notebook.content
    released = set(source.released_texts.values())
    return tuple(text for text in notebook.texts if text not in released)


def _newest(notebooks: list[Candidate]) -> Candidate | None:
    """The newest attempt, where the system's counts of attempts and of files agree on the order of one file's."""
    versions = [one.version for one in notebooks]
    ordered = sorted(filter(None, versions))
    if len(ordered) < len(versions) or len({name for name, *_ in ordered}) > 1:
        return None
    attempts, numbers = [attempt for _, attempt, _ in ordered], [number for *_, number in ordered]
    if attempts != sorted(set(attempts)) or numbers != sorted(set(numbers)):
        return None
    return notebooks[versions.index(ordered[-1])]


def _text_of(cell: dict) -> str:
    lines = cell.get("source")
    lines = lines if isinstance(lines, list) else [lines]
    return "".join(line for line in lines if isinstance(line, str))
