"""tito demo: the main job, from release to feedback, with a simulated class in a course of its own."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from autograder import sandbox
from autograder.commands.grade import grade_module
from autograder.commands.release import release_one
from autograder.pool import Options
from autograder.simulate import Simulation, Submission
from autograder.source import Source
from autograder.stations import must, nbgrader
from tito.console import escape, say, table
from tito.workspace import MANIFEST, UserError, Workspace

MARK = ".tinytorch-demo"


def demo(folder: Path, modules: list[str] | None, options: Options) -> int:
    started = time.monotonic()
    home, options = Workspace.find(), _shut_in_if_possible(options)
    course = fresh_course(home, folder.resolve())
    sources = [Source.of(course, name) for name in modules or course.released()]
    with nbgrader(course) as api:
        for source in sources:
            release_one(api, source)
    say(f"Released {', '.join(source.module for source in sources)}.")
    wrong = sum([_grade(course, source, home, options) for source in sources])
    with nbgrader(course) as api:
        for source in sources:
            must(api.generate_feedback(source.module, force=True), f"The feedback for {source.module}")
    _say_where(course, time.monotonic() - started)
    return 1 if wrong else 0


def _shut_in_if_possible(options: Options) -> Options:
    """The demonstration runs everywhere: its class is the course's own, and means no harm."""
    if sandbox.FILES not in sandbox.absent():
        return options
    say(f"[yellow]The simulated class is not shut in:[/] {escape(sandbox.absent()[sandbox.FILES])}.")
    return replace(options, isolated=False)


def fresh_course(home: Workspace, folder: Path) -> Workspace:
    """A copy of the course in `folder`. Raises UserError if something else is there."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UserError(f"{folder} holds something else; name another folder: tito demo FOLDER")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("Made by tito demo, and overwritten by the next one.\n")
    for name in (MANIFEST, "nbgrader_config.py"):
        shutil.copy(home.root / name, folder)
    for path in (home.modules, home.package):
        shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    return Workspace.find(folder)


def _grade(course: Workspace, source: Source, home: Workspace, options: Options) -> int:
    """Hand in, grade and compare one module; how many scores were not what was due."""
    release = course.root / "release" / source.module / source.path.name
    submissions = Simulation(source, release, home.root / "tests" / "course" / "versions").submissions()
    for submission in submissions:
        target = course.root / "submitted" / submission.student / source.module
        target.mkdir(parents=True)
        (target / submission.file).write_text(submission.text, encoding="utf-8")
    started = time.monotonic()
    results = {result.student: result for result in grade_module(course, source, options=options)}
    seconds = time.monotonic() - started
    return _show(source, submissions, results, seconds)


def _show(source: Source, submissions: list[Submission], results: dict, seconds: float) -> int:
    shown = table("student", "handed in", "due", "got", "", title=f"{source.module}, graded in {seconds:.0f} s")
    wrong = 0
    for submission in submissions:
        result = results[submission.student]
        same = result.score == submission.due
        wrong += not same
        due, got = (("not graded" if score is None else f"{score:g}") for score in (submission.due, result.score))
        shown.add_row(
            submission.student, escape(submission.what), due, got, "equal" if same else "[bold red]DIFFERENT[/]"
        )
    say(shown)
    return wrong


def _say_where(course: Workspace, seconds: float) -> None:
    shown = Path.cwd() if course.root.is_relative_to(Path.cwd()) else Path("/")
    root = course.root.relative_to(shown)
    say(f"Done in {seconds:.0f} s.")
    say(f"gradebook   {root}/gradebook.db      (cd {root} && nbgrader db student list)")
    say(f"autograded  {root}/autograded/<student>/<module>/")
    say(f"feedback    {root}/feedback/<student>/<module>/<module>_dev.html")
