"""Grade the submissions of a module: submitted/ → autograded/ and the gradebook.

This process reads, mends and records submissions. In between, the pure step runs and judges several at a time,
here or on the workers of a Dask cluster. Unchanged submissions are not graded again.
"""

from collections.abc import Callable, Iterator, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from autograder.engine import sandbox
from autograder.engine.execute import Unsafe, laid_over, stop
from autograder.engine.pool import HERE, Options
from autograder.gradebook import copies, corrections, record
from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.given import Change, changes_to, why_kept
from autograder.grading.counting import earlier_counts, put_back
from autograder.grading.looks import Look, Looks, look, programs
from autograder.intake.roster import Roster
from autograder.intake.submitted import SEEN, adopt, alone, misplaced, refuse_stranger, refuse_unreadable, submissions
from autograder.judging.cells import mend
from autograder.judging.elsewhere import judges
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.jobs import job_of, key_of
from autograder.judging.outputs import with_verdicts
from autograder.judging.source import EMISSIONS, Source, folder_files
from autograder.judging.step import lost_at_a_limit
from tito.files import finish_replacing
from tito.notebooks import read
from tito.workspace import UserError


@dataclass
class Graded:
    """What became of one student's submission."""

    module: str
    student: str
    score: float | None = None
    max_score: float | None = None
    by_hand: float = 0
    cells: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what was mended, and which cells did not end well
    trouble: str | None = None
    unchanged: bool = False  # whether nothing is new since it was last graded
    changes: list[Change] = field(default_factory=list)  # of scores that were given back, for a person to accept


@dataclass(frozen=True)
class Prepared:
    """A submission that is ready to run."""

    student: str
    notebook: object
    files: dict[str, bytes]
    notes: list[str]
    key: str
    work: str  # as in the gradebook's table GRADED


@dataclass(frozen=True)
class Selection:
    """Which submissions of a module to grade, and which of their cells.

    students: grade only theirs; None for all
    force: grade unchanged submissions, too
    only: the graded cells to judge again, where a submission was graded before; all if empty
    accept: change scores that students were given back, too
    """

    students: Set[str] | None = None
    force: bool = False
    only: Set[str] = frozenset()
    accept: bool = False


Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]
Seen = Callable[[str, Any], None]


def no_progress(module: str, total: int) -> AbstractContextManager[Callable[[], None]]:
    """A `Progress` that shows nothing."""
    return nullcontext(lambda: None)


def grade_module(
    source: Source,
    which: Selection = Selection(),
    options: Options = HERE,
    progress: Progress = no_progress,
    seen: Seen | None = None,
) -> list[Graded]:
    """Grade the submissions of a module, and return a result for each. One that can't be read harms no other.

    progress: (module, number of submissions) → a context, whose function is called after each submission
    seen: called with the student and the notebook with verdicts, for each submission that was judged
    Raises UserError if there are none, if the module is not as released, or if this machine can't shut them in.
    """
    workspace = source.workspace
    if options.isolated:
        sandbox.refuse_if_open()
    folders, lost = submissions(source, which.students), misplaced(source, which.students)
    if not folders and not lost:
        whom = f" of {', '.join(sorted(which.students))}" if which.students else ""
        raise UserError(f"No submission{whom} of {source.module} in submitted/<student>/{source.module}/.")
    with alone(workspace, source.module), nbgrader_api(workspace) as api:
        db_url = api.coursedir.db_url
        record.refuse_if_changed(source, db_url)
        with api.gradebook as gradebook:
            copies.refresh(gradebook, workspace, [source.module])
        seed = record.seed_of(db_url, source.module, source.version)
        refuse_ungradable(source, seed)
        with record.Book(db_url, source) as book, progress(source.module, len(folders)) as advance:
            done = {}
            for graded in Grading(source, seed, book, which, options, seen).all(folders):
                done[graded.student] = graded
                advance()
    return [*(done[name] for name in folders), *(Graded(source.module, who, trouble=why) for who, why in lost.items())]


@dataclass
class Grading:
    """The work on one module's submissions."""

    source: Source
    seed: int
    book: record.Book
    which: Selection
    options: Options
    seen: Seen | None = None

    @cached_property
    def looks(self) -> Looks:
        """What was found unchanged before, and now."""
        job = job_of(self.source.notebook, self.source, self.seed, self.source.files)
        about = key_of(job, self.source.version, str(self.source.follow_through), programs())
        return Looks(self.source.workspace.root / SEEN / "graded" / f"{self.source.module}.json", about)

    @cached_property
    def roster(self) -> Roster:
        """The students of the course."""
        return Roster.of(self.book.gradebook)

    @cached_property
    def most(self) -> float:
        """The points that the machine can give."""
        return sum(map(self.source.points, self.source.check_cells))

    @cached_property
    def everybody(self) -> frozenset[str]:
        """All names in submitted/ that have handed in the module."""
        return frozenset(submissions(self.source))

    def all(self, folders: dict[str, Path]) -> Iterator[Graded]:
        """Grade the submissions in `folders`, student → folder. Yields each result as soon as it is on record."""
        with judges(self.options, self.source) as (pool, submit):
            running: dict = {}  # future → submission; more than there are workers, so that no worker waits
            stopped: list[Prepared] = []  # what lost points at a limit, where others ran beside it
            try:
                for student, folder in folders.items():
                    submission = self._prepare(student, folder)
                    if isinstance(submission, Graded):
                        yield submission
                        continue
                    running[submit(submission.notebook, submission.files, self.seed, last=False)] = submission
                    if len(running) >= pool.ahead:
                        yield from self._record_some(pool, running, stopped)
                while running:
                    yield from self._record_some(pool, running, stopped)
                for submission in stopped:
                    alone = {submit(submission.notebook, submission.files, self.seed, last=True): submission}
                    yield from self._record_some(pool, alone)
                self.looks.keep()
            except (KeyboardInterrupt, GeneratorExit):
                stop()
                raise

    def _prepare(self, student: str, folder: Path) -> Prepared | Graded:
        """A submission that is ready to run, or its result if it needs no run."""
        try:
            finish_replacing(self._target(student))
            lies = self._lies(student, folder)
            if lies and (standing := self._lies_as_it_lay(student, lies)):
                return standing
            submission = self._read(student, folder)
        except UserError as error:
            return Graded(self.source.module, student, trouble=str(error))
        except Exception as error:  # whatever it is, it must harm no other submission
            return Graded(self.source.module, student, trouble=f"{type(error).__name__}: {error}")
        if not self.which.force and self.book.has(student, submission.key, self._target(student)):
            standing = self._standing(submission, unchanged=True)
            if lies:
                self.looks.note(student, lies, {"key": submission.key, "notes": standing.notes})
            return standing
        return submission

    def _lies(self, student: str, folder: Path) -> Look | None:
        """How a submission lies that was graded before; None for others, and where all are to be read."""
        return look(folder, self._target(student)) if student in self.book.known and not self.which.force else None

    def _lies_as_it_lay(self, student: str, lies: Look) -> Graded | None:
        """The result for a student none of whose files has changed since they were last read; None for others."""
        found = self.looks.found(student, lies)
        if found is None or found["key"] != self.book.known[student].key:
            return None
        refuse_stranger(student, self.everybody, self.roster)  # the roster and the deadlines may be others
        copies.time_of_new(self.book.gradebook, self.source.workspace, self.book.deadlines, self.source.module, student)
        return self._result(student, self.book.scores_before[student], list(found["notes"]), unchanged=True)

    def _read(self, student: str, folder: Path) -> Prepared:
        refuse_stranger(student, self.everybody, self.roster)
        refuse_unreadable(folder)
        copies.time_of_new(self.book.gradebook, self.source.workspace, self.book.deadlines, self.source.module, student)
        passed = adopt(self.source, folder)
        own, notebook = folder_files(folder), read(folder / self.source.path.name)
        work, files = record.work_of(notebook, own), laid_over(own, self.source.files)
        notebook, notes = mend(notebook, self.source)
        self.book.checksum(notebook)
        written = "\0".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        job, follow = job_of(notebook, self.source, self.seed, files), str(self.source.follow_through)
        key = key_of(job, self.source.version, written, follow)
        return Prepared(student, notebook, files, [*passed, *notes], key, work)

    def _record_some(self, pool, running: dict, stopped: list[Prepared] | None = None) -> Iterator[Graded]:
        """Record what has ended; but what is to be run once more alone goes to `stopped`, if there is such a list."""
        for future in pool.some_done(running):
            if graded := self._record(running.pop(future), future, stopped):
                yield graded

    def _record(self, submission: Prepared, future, stopped: list[Prepared] | None) -> Graded | None:
        student = submission.student
        try:
            run, judged = future.result()
            if stopped is not None and lost_at_a_limit(run, judged):
                stopped.append(submission)
                return None
            notebook = with_verdicts(submission.notebook, judged, run)
            if self.seen:
                self.seen(student, notebook)
            cells = {verdict.grade_id: verdict.earned for verdict in judged}
            if why := earlier_counts(self.source, self.book, student, submission.work, cells):
                return self._earlier(submission, why)
            if self.which.only:
                self.book.refuse_if_lost(student, submission.work, self._target(student))
                corrections.keep_others(self.which.only, notebook, run, self._target(student), self.source)
            if not self.which.accept and (changes := self._changes(student, submission.work, notebook)):
                return self._to_accept(submission, changes)
            files = {**submission.files, EMISSIONS: run.packed()}
            scores = self.book.save(student, notebook, submission.key, submission.work, self._target(student), files)
        except Unsafe as error:
            raise UserError(f"Nothing was run: {error}.") from None
        except OperationalError as error:  # this submission's, or everybody's?
            if not self.book.answers():
                raise
            return Graded(self.source.module, student, trouble=f"the gradebook did not answer: {error.orig}")
        except Exception as error:
            return Graded(self.source.module, student, trouble=f"{type(error).__name__}: {error}")
        submission.notes.extend(run.notes)
        return self._graded(submission, scores)

    def _changes(self, student: str, work: str, notebook) -> list[Change]:
        return changes_to(self.book.gradebook, self.source.module, student, work, notebook)

    def _to_accept(self, submission: Prepared, changes: list[Change]) -> Graded:
        """The result for a student who was given other scores: nothing changes until a person says so."""
        student, graded = submission.student, Graded(self.source.module, submission.student)
        if student in self.book.known:
            graded = self._standing(submission)
        return replace(graded, trouble=why_kept(graded.module, student, changes), changes=changes)

    def _earlier(self, submission: Prepared, why: str) -> Graded:
        """The result for a student whose earlier attempt counts, and is in submitted/ again."""
        put_back(self.source, submission.student, self.book.known[submission.student].work or "")
        return self._standing(replace(submission, notes=[why]))

    def _standing(self, submission: Prepared, unchanged: bool = False) -> Graded:
        """The result for a student whose scores stay, with what was noted when they were made."""
        submission.notes.extend(record.notes_of(self._target(submission.student)))
        return self._graded(submission, self.book.scores(submission.student), unchanged)

    def _graded(self, submission: Prepared, scores: record.Scores, unchanged: bool = False) -> Graded:
        return self._result(submission.student, scores, submission.notes, unchanged)

    def _result(self, student: str, scores: record.Scores, notes: list[str], unchanged: bool) -> Graded:
        score = sum(scores.cells.values())
        return Graded(
            self.source.module,
            student,
            score,
            self.most,
            scores.by_hand,
            scores.cells,
            notes,
            unchanged=unchanged,
        )

    def _target(self, student: str) -> Path:
        return Path(self.source.workspace.root, "autograded", student, self.source.module)
