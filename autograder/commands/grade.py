"""tito grade: submitted → autograded and gradebook.

A pipeline: this process reads, sanitizes and records; in between, the pure step, running and judging, is done for
several submissions at a time, here or on the workers of a Dask cluster. What is unchanged is not graded again.
"""

import gzip
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder import corrections, process, record, sandbox
from autograder.execute import Job
from autograder.grade import expected, key_of, submitted_files, with_verdicts
from autograder.pool import HERE, Options, pool_of
from autograder.sanitize import adopt_renamed, refuse_links, restore
from autograder.source import EMISSIONS, Source
from autograder.stations import nbgrader
from tito.console import console, escape, print_json, say, table
from tito.notebooks import read
from tito.workspace import UserError, Workspace


@dataclass
class Result:
    """One submission's outcome."""

    module: str
    student: str
    score: float | None = None
    max_score: float | None = None
    by_hand: float = 0
    cells: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what was mended, what did not end well
    trouble: str | None = None
    unchanged: bool = False  # nothing is new since it was last graded


@dataclass(frozen=True)
class Submission:
    """What was handed in, made fit to be run."""

    student: str
    notebook: object
    files: dict[str, bytes]
    notes: list[str]
    key: str


def grade(
    modules: list[str], student: str | None, options: Options, force: bool, only: list[str] | None, json: bool
) -> int:
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules]
    names = set(only or [])
    for name in names - {name for source in sources for name in source.check_cells}:
        raise UserError(f"{' and '.join(modules)}: no graded cell is called {name}.")
    results = [row for source in sources for row in grade_module(workspace, source, student, options, force, names)]
    if json:
        print_json([asdict(result) for result in results])
    else:
        _show(results, options)
    return 1 if any(result.trouble for result in results) else 0


def grade_module(
    workspace: Workspace,
    source: Source,
    student: str | None = None,
    options: Options = HERE,
    force: bool = False,
    only: Set[str] = frozenset(),
) -> list[Result]:
    """Grade every submission of a module, or one student's. One that can't be read costs nobody else anything.

    only: the graded cells that are judged anew, where a submission was graded before; all if empty
    """
    if options.isolated:
        sandbox.refuse_if_open()
    folders = _submissions(workspace, source, student)
    with _alone(workspace, source.module), nbgrader(workspace) as api:
        db_url = api.coursedir.db_url
        record.refuse_if_changed(source, db_url)
        seed = record.seed(db_url, source.module, source.version)
        expected(source, seed)
        with record.Book(db_url, source, api.config) as book:
            grading = Grading(workspace, source, seed, book, options, force, only)
            done = {result.student: result for result in grading.all(folders)}
    return [done[name] for name in folders]


def _submissions(workspace: Workspace, source: Source, student: str | None) -> dict[str, Path]:
    """student → folder of what they handed in."""
    found = sorted((workspace.root / "submitted").glob(f"{student or '*'}/{source.module}"))
    if not found:
        whom = f" of {student}" if student else ""
        raise UserError(f"No submission{whom} of {source.module} in submitted/<student>/{source.module}/.")
    return {folder.parent.name: folder for folder in found}


@contextmanager
def _alone(workspace: Workspace, module: str) -> Iterator[None]:
    """Let one `tito grade` of a module work at a time; the lock goes with the process, however it ends."""
    path = workspace.root / ".cache" / f"grading-{module}.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        try:
            import fcntl
        except ImportError:  # Windows, where nothing can be isolated either
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{module} is being graded by somebody else; waiting for them to finish.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass
class Grading:
    """The work on one module's submissions."""

    workspace: Workspace
    source: Source
    seed: int
    book: record.Book
    options: Options
    force: bool
    only: Set[str]

    def all(self, folders: dict[str, Path]) -> Iterator[Result]:
        """Grade what lies in `folders`, student → folder; a result comes when it is on record, whoever is first."""
        waiting = iter(folders.items())
        with _progress(self.source.module, len(folders)) as advance, pool_of(self.options, self.source) as pool:
            running: dict = {}  # future → submission: a few more than there are workers, so that none waits
            try:
                while waiting is not None or running:
                    while waiting is not None and len(running) < pool.ahead:
                        submission = self._next(waiting)
                        if submission is None:
                            waiting = None
                        elif isinstance(submission, Result):
                            yield submission
                            advance()
                        else:
                            running[pool.grade(submission.notebook, submission.files, self.seed)] = submission
                    for future in pool.some_done(running):
                        yield self._record(running.pop(future), future)
                        advance()
            except (KeyboardInterrupt, GeneratorExit):
                process.stop()
                raise

    def _next(self, waiting: Iterator) -> "Submission | Result | None":
        """The next submission that there is something to do for, or a Result where there is nothing."""
        student, folder = next(waiting, (None, None))
        if student is None:
            return None
        try:
            submission = self._read(student, folder)
        except UserError as error:
            return Result(self.source.module, student, trouble=str(error))
        except Exception as error:  # whatever it is, it costs nobody else anything
            return Result(self.source.module, student, trouble=f"{type(error).__name__}: {error}")
        if not self.force and self.book.has(student, submission.key, self._target(student)):
            return self._result(submission, self.book.scores(student), unchanged=True)
        return submission

    def _read(self, student: str, folder: Path) -> Submission:
        refuse_links(folder)
        adopt_renamed(self.source.module, student, [str(path) for path in sorted(folder.glob("*.ipynb"))])
        notebook, notes = restore(read(folder / self.source.path.name), self.source)
        self.book.checksum(notebook)
        files = submitted_files(folder, self.source)
        written = "\0".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        key = key_of(Job.of(notebook, self.source, self.seed, files), self.source.version, written)
        return Submission(student, notebook, files, notes, key)

    def _record(self, submission: Submission, future) -> Result:
        student = submission.student
        try:
            run, judged = future.result()
            notebook = with_verdicts(submission.notebook, judged, run)
            if self.only:
                corrections.keep_others(self.only, notebook, run, self._target(student), self.source)
            emissions = {EMISSIONS: gzip.compress(run.to_json().encode(), 1, mtime=0)}
            files = {**submission.files, **emissions}
            scores = self.book.save(student, notebook, submission.key, self._target(student), files)
        except process.Unsafe as error:
            raise UserError(f"Nothing was run: {error}.") from None
        except Exception as error:
            return Result(self.source.module, student, trouble=f"{type(error).__name__}: {error}")
        submission.notes.extend(run.notes)
        return self._result(submission, scores)

    def _result(self, submission: Submission, scores: record.Scores, unchanged: bool = False) -> Result:
        most = sum(map(self.source.points, self.source.check_cells))
        score = sum(scores.cells.values())
        return Result(
            self.source.module,
            submission.student,
            score,
            most,
            scores.by_hand,
            scores.cells,
            submission.notes,
            unchanged=unchanged,
        )

    def _target(self, student: str) -> Path:
        return self.workspace.root / "autograded" / student / self.source.module


@contextmanager
def _progress(module: str, total: int):
    """A function to be called after each submission, and a bar with the rate and the time that is left."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]:.1f}/s")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        task, started = progress.add_task(f"grading {module}", total=total, rate=0.0), time.monotonic()

        def advance():
            done = progress.tasks[0].completed + 1
            progress.update(task, completed=done, rate=done / (time.monotonic() - started))

        yield advance


def _show(results: list[Result], options: Options) -> None:
    shown = table("module", "student", "score", "to be graded by a person", "")
    for row in results:
        score = "" if row.score is None else f"{row.score:g} / {row.max_score:g}"
        by_hand = f"{row.by_hand:g} points" if row.by_hand else ""
        said = f"not graded: {row.trouble}" if row.trouble else "; ".join(["unchanged"] * row.unchanged + row.notes)
        shown.add_row(row.module, escape(row.student), score, by_hand, escape(said))
    say(shown)
    if not options.isolated:
        say("[bold red]Submissions ran without isolation:[/] they could do whatever you can.")
    elif not options.scheduler and sandbox.absent():
        lacking = escape(sandbox.lacking())
        say(f"[yellow]This machine lacks some protections from a hostile submission[/] ({lacking}).")
