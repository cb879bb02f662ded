"""tito grade: submitted → autograded and gradebook.

Running submissions is what takes time, and needs nothing shared: several run at once. Everything
else, sanitizing and recording, is nbgrader's own `autograde`, which finds the runs ready made.
"""

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder import grade as grading
from autograder import record
from autograder.sanitize import adopt_renamed
from autograder.source import Source
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
        troubles = _run_all(folders, source, seed, jobs or os.cpu_count() or 1)
        return [_record(api, source, name, troubles.get(name)) for name in folders]


def _submissions(workspace: Workspace, source: Source, student: str | None) -> dict[str, Path]:
    """student → folder of what they handed in."""
    found = sorted((workspace.root / "submitted").glob(f"{student or '*'}/{source.module}"))
    if not found:
        whom = f" of {student}" if student else ""
        raise UserError(f"No submission{whom} of {source.module} in submitted/<student>/{source.module}/.")
    return {folder.parent.name: folder for folder in found}


def _run_all(folders: dict[str, Path], source: Source, seed: int, jobs: int) -> dict[str, str]:
    """Run all submissions; student → why theirs could not be run."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    troubles = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as progress, ThreadPoolExecutor(jobs) as pool:
        task = progress.add_task(f"running {source.module}", total=len(folders))
        waiting = {pool.submit(_run, folder, source, seed): name for name, folder in folders.items()}
        try:
            for done in as_completed(waiting):
                if trouble := done.result():
                    troubles[waiting[done]] = trouble
                progress.advance(task)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    return troubles


def _run(folder: Path, source: Source, seed: int) -> str | None:
    try:
        adopt_renamed(source.module, folder.parent.name, [str(path) for path in sorted(folder.glob("*.ipynb"))])
        notebook = read(folder / source.path.name)
        grading.run_ahead(notebook, source, seed, grading.submitted_files(folder, source))
    except UserError as error:
        return str(error)
    return None


def _record(api, source: Source, student: str, trouble: str | None) -> Result:
    result = Result(source.module, student, trouble=trouble)
    if trouble:
        return result
    outcome = api.autograde(source.module, student, force=True, create=True)
    if not outcome["success"]:
        result.trouble = outcome.get("error") or outcome.get("log", "").strip().splitlines()[-1]
        return result
    with api.gradebook as gradebook:
        submission = gradebook.find_submission(source.module, student)
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
        shown.add_row(
            row.module, escape(row.student), score, by_hand, escape(f"not graded: {row.trouble}" if row.trouble else "")
        )
    say(shown)
