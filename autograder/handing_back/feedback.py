"""Hand feedback back: nbgrader makes the pages of a module. A page is sent if no answer on it waits for a person."""

import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from nbgrader.utils import temp_attrs

from autograder.engine.pool import beside
from autograder.gradebook.api import must, nbgrader_api
from autograder.gradebook.doubts import doubts
from autograder.gradebook.given import note_given
from autograder.gradebook.marks import submissions_of
from autograder.gradebook.record import NOT_RECORDED, checksum_of, is_about, recorded
from autograder.handing_back import sending
from autograder.handing_back.unchanged import MADE_FROM, keys, note, on_disk, unchanged
from autograder.judging.source import Source
from tito import files
from tito.workspace import UserError, Workspace

WAITS = "waits for a person"
FEWEST = 4  # pages that are worth a process: nbgrader reads its configuration first


@dataclass(frozen=True)
class Ways:
    """How to send pages.

    zipped: pack dist/feedback/<module>/<student>.zip
    exchange: send through nbgrader's exchange
    anyway: also send pages on which answers wait for a person
    """

    zipped: bool = False
    exchange: bool = False
    anyway: bool = False


@dataclass
class Page:
    """One student's page, and what became of it."""

    module: str
    student: str
    page: str
    waiting: list[str]  # answers that a person has to grade
    made: bool = True
    sent: list[str] = field(default_factory=list)
    trouble: str | None = None


def refuse_ungraded(source: Source, student: str | None) -> None:
    """Raise UserError if no submission of the module was graded, or none of `student`."""
    if not _graded(source, student):
        whom = f" of {student}" if student else ""
        raise UserError(f"No graded submission{whom} of {source.module}. Grade first: tito grade {source.module}")


def _graded(source: Source, student: str | None = None) -> set[str]:
    home, inside = source.workspace.root / "autograded", f"{source.module}/{source.path.name}"
    if student:
        return {student} if (home / student / inside).exists() else set()
    return {path.parents[1].name for path in files.in_each(home, inside)}


def pages_of(gradebook: Any, source: Source, student: str | None) -> tuple[list[Page], dict[str, str]]:
    """The pages of a module, for all whose work was graded or for `student`; and those that would be others, as
    student → a checksum of all that the page is made from.

    The pages of students whose score nobody can tell stay as they are.
    Whoever calls it has brought the gradebook's copies up to date.
    """
    only = [student] if student else None
    known = recorded(gradebook, source.module, only)
    there = on_disk(source, sorted(_graded(source, student) | known.keys()))
    unfit = [who for who, one in there.items() if not is_about(known.get(who), one.notebook)]
    submissions = submissions_of(gradebook, source.module, only)
    doubtful = doubts(source.workspace, source.module, submissions)
    troubles = {who: f"nobody can tell the score: {why}" for who, why in doubtful.items()}
    troubles |= dict.fromkeys(unfit, NOT_RECORDED.format(module=source.module))
    made_from = keys(gradebook, source, {who: one for who, one in there.items() if who not in troubles})
    same = unchanged(made_from, there)
    waits = {who: one.waiting for who, one in submissions.items()}
    pages = [_page(source, who, waits.get(who, []), troubles.get(who)) for who in there]
    return pages, {who: key for who, key in made_from.items() if who not in same}


def make_pages(api: Any, source: Source, made_from: Mapping[str, str]) -> None:
    """Let nbgrader make pages aside, then put them in place, each whole. If nbgrader fails, all stay as they were.

    api: nbgrader's API
    made_from: student → a checksum of all that the page is made from
    """
    left_out = ",".join(sorted(_graded(source) - made_from.keys()))
    with tempfile.TemporaryDirectory() as aside:
        with temp_attrs(api.coursedir, feedback_directory=aside, student_id_exclude=left_out):
            must(api.generate_feedback(source.module, force=True), f"The feedback for {source.module}")
        for who, key in made_from.items():
            content = files.content_of(Path(aside, who, source.module))
            content[MADE_FROM] = note(key, checksum_of(content[f"{source.path.stem}.html"])).encode()
            files.replace_folder(source.workspace.root / "feedback" / who / source.module, content, 0o644)


def _page(source: Source, student: str, waiting: list[str], trouble: str | None) -> Page:
    path = f"feedback/{student}/{source.module}/{source.path.stem}.html"
    return Page(source.module, student, path, waiting, made=not trouble, trouble=trouble)


class Printer:
    """Makes the pages of modules in other processes, several of a module at once, while other work goes on."""

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.pages: list[Page] = []
        self.begun: list[Future] = []
        self.pool = beside()

    def __enter__(self) -> "Printer":
        return self

    def __exit__(self, *error) -> None:
        self.pool.shutdown(wait=not error[0], cancel_futures=True)

    def begin(self, source: Source, student: str | None = None) -> None:
        """Begin with the pages of a module that would be others. Arguments: as in `pages_of`."""
        with nbgrader_api(self.workspace) as api, api.gradebook as gradebook:
            pages, made_from = pages_of(gradebook, source, student)
        self.pages += pages
        self.begun += [
            self.pool.submit(_print, self.workspace.root, source.module, {who: made_from[who] for who in part})
            for part in _parts(sorted(made_from))
        ]

    def finish(self) -> list[Page]:
        """Wait for all modules that were begun; their pages, in the same order. Raises what stopped a module."""
        for future in self.begun:
            future.result()
        return self.pages


def _parts(students: list[str]) -> list[list[str]]:
    """Students in as many parts as there are cores, without very small ones. No part for no student."""
    count = max(1, min(os.cpu_count() or 1, len(students) // FEWEST))
    ends = [number * len(students) // count for number in range(count + 1)]
    return [students[first:end] for first, end in pairwise(ends) if first < end]


def _print(root: Path, module: str, made_from: Mapping[str, str]) -> None:
    workspace = Workspace.find(root)
    with nbgrader_api(workspace) as api:
        make_pages(api, Source.of(workspace, module), made_from)


def send(api, workspace: Workspace, page: Page, ways: Ways) -> None:
    """Send a page in the given `ways`. If it was not made, or answers on it wait, only remove an older zip."""
    path, target = workspace.root / page.page, Path(workspace.root, "dist/feedback", page.module, f"{page.student}.zip")
    if not page.made:
        target.unlink(missing_ok=True)
        return
    if page.waiting and not ways.anyway:
        target.unlink(missing_ok=True)
        page.trouble = WAITS if ways.zipped or ways.exchange else None
        return
    if ways.zipped:
        with api.gradebook as gradebook:  # before it can leave: a score that was given and not noted could change
            note_given(gradebook, page.module, submissions_of(gradebook, page.module, [page.student]).values())
        sending.zip_page(path, target)
        page.sent.append(workspace.relative(target))
    if ways.exchange:
        _release(api, page, path, ways.anyway)


def _release(api, page: Page, path: Path, anyway: bool) -> None:
    if not sending.came_by_exchange(path):
        page.trouble = "did not hand in through the exchange"
        return
    api.config.ReleaseFeedback.anyway = anyway
    try:
        must(api.release_feedback(page.module, page.student), f"Sending {page.module} to {page.student}")
    except UserError as error:  # it must harm no other page
        page.trouble = str(error)
    else:
        page.sent.append("exchange")
