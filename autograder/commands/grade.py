"""tito grade: submitted → autograded and gradebook.

Running submissions is what takes time, and needs nothing shared: several run at once. Everything
else, sanitizing and recording, is nbgrader's own `autograde`, which finds the runs ready made.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder import grade as grading
from autograder import process, record
from autograder.sanitize import adopt_renamed, refuse_links
from autograder.source import Source
from autograder.stations import cause, nbgrader
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


def grade(modules: list[str], student: str | None, jobs: int | None, json: bool) -> int:
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules]
    results = [result for source in sources for result in grade_module(workspace, source, student, jobs)]
    if json:
        print_json([asdict(result) for result in results])
    else:
        _show(results)
    return 1 if any(result.trouble for result in results) else 0


def grade_module(workspace: Workspace, source: Source, student: str | None, jobs: int | None) -> list[Result]:
    """Grade every submission of a module, or one student's. One that can't be read costs nobody else anything."""
    folders = _submissions(workspace, source, student)
    with nbgrader(workspace) as api:
        grading.refuse_if_changed(source, api.coursedir.db_url)
        seed = record.seed(api.coursedir.db_url, source.module, source.version)
        grading.expected(source, seed)
        results = _run_all(folders, source, seed, jobs or os.cpu_count() or 1)
        done = {result.student: _record(api, source, result) for result in results}
    return [done[name] for name in folders]


def _submissions(workspace: Workspace, source: Source, student: str | None) -> dict[str, Path]:
    """student → folder of what they handed in."""
    found = sorted((workspace.root / "submitted").glob(f"{student or '*'}/{source.module}"))
    if not found:
        whom = f" of {student}" if student else ""
        raise UserError(f"No submission{whom} of {source.module} in submitted/<student>/{source.module}/.")
    return {folder.parent.name: folder for folder in found}


def _run_all(folders: dict[str, Path], source: Source, seed: int, jobs: int) -> Iterator[Result]:
    """Run all submissions; each as soon as it is done, so that it can be recorded whatever comes after."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as progress, ThreadPoolExecutor(jobs) as pool:
        task = progress.add_task(f"running {source.module}", total=len(folders))
        try:
            for done in as_completed([pool.submit(_run, folder, source, seed) for folder in folders.values()]):
                yield done.result()
                progress.advance(task)
        except (KeyboardInterrupt, GeneratorExit):
            pool.shutdown(wait=False, cancel_futures=True)
            process.stop()
            raise


def _run(folder: Path, source: Source, seed: int) -> Result:
    result = Result(source.module, folder.parent.name)
    try:
        refuse_links(folder)
        adopt_renamed(source.module, result.student, [str(path) for path in sorted(folder.glob("*.ipynb"))])
        notebook = read(folder / source.path.name)
        result.notes = grading.grade_ahead(notebook, source, seed, grading.submitted_files(folder, source))
    except UserError as error:
        result.trouble = str(error)
    except Exception as error:  # whatever it is, it costs nobody else anything
        result.trouble = f"{type(error).__name__}: {error}"
    return result


def _record(api, source: Source, result: Result) -> Result:
    if result.trouble:
        return result
    outcome = api.autograde(source.module, result.student, force=True, create=True)
    if not outcome["success"]:
        result.trouble = cause(outcome)
        return result
    with api.gradebook as gradebook:
        submission = gradebook.find_submission(source.module, result.student)
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        result.cells = {grade.name: grade.auto_score for grade in grades if grade.name in source.check_cells}
        result.score = sum(result.cells.values())
        result.max_score = sum(map(source.points, source.check_cells))
        result.by_hand = sum(grade.max_score for grade in grades if grade.needs_manual_grade)
    return result


def _show(results: list[Result]) -> None:
    shown = table("module", "student", "score", "to be graded by a person", "")
    for row in results:
        score = "" if row.score is None else f"{row.score:g} / {row.max_score:g}"
        by_hand = f"{row.by_hand:g} points" if row.by_hand else ""
        said = f"not graded: {row.trouble}" if row.trouble else "; ".join(row.notes)
        shown.add_row(row.module, escape(row.student), score, by_hand, escape(said))
    say(shown)
