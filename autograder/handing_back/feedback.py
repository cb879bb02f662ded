"""Hand feedback back: nbgrader makes the pages of a module. A page is sent if no answer on it waits for a person."""

import os
import tempfile
from collections.abc import Container, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.utils import temp_attrs

from autograder.engine.pool import beside
from autograder.gradebook.api import must, nbgrader_api
from autograder.gradebook.given import note_given
from autograder.gradebook.marks import submissions_of
from autograder.gradebook.record import NOT_RECORDED, Between, unrecorded
from autograder.gradebook.waiting import who_waits
from autograder.handing_back import sending
from autograder.handing_back.unchanged import MADE_FROM, keys, note, unchanged
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


def _graded(source: Source, student: str | None) -> list[Path]:
    return list((source.workspace.root / "autograded").glob(f"{student or '*'}/{source.module}/{source.path.name}"))


def make_pages(api, source: Source, chosen: Container[str], doubts: Mapping[str, str]) -> list[Page]:
    """Make the pages of a module, for the `chosen` whose work was graded, where the pages would be others.

    api: nbgrader's API
    doubts: student → why nobody can tell the score; their pages stay as they are
    Raises UserError if nbgrader fails; then all these pages stay as they were. Whoever calls it has brought the
    gradebook's copies up to date.
    """
    graded = {name for path in _graded(source, None) if (name := path.parent.parent.name) in chosen}
    with api.gradebook as gradebook:
        unfit = unrecorded(gradebook, source, chosen)
        waits = who_waits(gradebook, source.module, graded | unfit)
        made_from = keys(gradebook, source, graded - unfit)
    troubles = {who: f"nobody can tell the score: {why}" for who, why in doubts.items()}
    troubles |= dict.fromkeys(unfit, NOT_RECORDED.format(module=source.module))
    _generate(api, source, {who: key for who, key in made_from.items() if who not in troubles})
    return [_page(source, who, waits.get(who, []), troubles.get(who)) for who in sorted(graded | unfit)]


def _generate(api, source: Source, made_from: dict[str, str]) -> None:
    """Let nbgrader make the pages that would be others aside, then put them in place, each whole.

    made_from: student → a checksum of all that the page is made from
    """
    needed = made_from.keys() - unchanged(source, made_from)
    if not needed:
        return
    left_out = {path.parent.parent.name for path in _graded(source, None)} - needed
    with tempfile.TemporaryDirectory() as aside:
        with temp_attrs(api.coursedir, feedback_directory=aside, student_id_exclude=",".join(sorted(left_out))):
            must(api.generate_feedback(source.module, force=True), f"The feedback for {source.module}")
        for folder in sorted(Path(aside).glob(f"*/{source.module}")):
            who, content = folder.parent.name, files.content_of(folder)
            if beside := note(made_from.get(who, ""), content.get(f"{source.path.stem}.html")):
                content[MADE_FROM] = beside
            files.replace_folder(source.workspace.root / "feedback" / who / source.module, content, 0o644)


def _page(source: Source, student: str, waiting: list[str], trouble: str | None) -> Page:
    path = source.workspace.root / "feedback" / student / source.module / f"{source.path.stem}.html"
    return Page(source.module, student, source.workspace.relative(path), waiting, made=not trouble, trouble=trouble)


class Printer:
    """Makes the pages of modules in other processes, several of a module at once, while other work goes on."""

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.begun: list[Future] = []
        self.pool = beside()

    def __enter__(self) -> "Printer":
        return self

    def __exit__(self, *error) -> None:
        self.pool.shutdown(wait=not error[0], cancel_futures=True)

    def begin(self, source: Source, student: str | None = None, doubts: Mapping[str, str] = {}) -> None:
        """Begin with the pages of a module, for all students or for `student`. doubts: as in `make_pages`."""
        for chosen in [[student]] if student else _parts(source):
            mine = {who: why for who, why in doubts.items() if who in chosen}
            self.begun.append(self.pool.submit(_print, self.workspace.root, source.module, chosen, mine))

    def finish(self) -> list[Page]:
        """Wait for all modules that were begun; their pages, in the same order. Raises what stopped a module."""
        return [page for future in self.begun for page in future.result()]


def _parts(source: Source) -> list[Between]:
    """All students of a module in as many parts as there are cores, without very small ones."""
    students = sorted(path.parent.parent.name for path in _graded(source, None))
    count = max(1, min(os.cpu_count() or 1, len(students) // FEWEST))
    first = [students[number * len(students) // count] for number in range(1, count)]
    return [Between(*ends) for ends in zip(["", *first], [*first, None], strict=True)]


def _print(root: Path, module: str, chosen: Container[str], doubts: Mapping[str, str]) -> list[Page]:
    workspace = Workspace.find(root)
    with nbgrader_api(workspace) as api:
        return make_pages(api, Source.of(workspace, module), chosen, doubts)


def send(api, workspace: Workspace, page: Page, ways: Ways) -> None:
    """Send a page in the given `ways`. If it was not made, or answers on it wait, only remove an older zip."""
    path, target = workspace.root / page.page, _zip(workspace, page)
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


def _zip(workspace: Workspace, page: Page) -> Path:
    return workspace.root / "dist" / "feedback" / page.module / f"{page.student}.zip"


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
