"""tito demo: the main job, from release to feedback, with a simulated class in a course of its own."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from shlex import quote

from autograder.commands.grade import progress_bar
from autograder.demo.course import fresh_course, hand_in
from autograder.demo.simulate import HandIn
from autograder.engine import sandbox
from autograder.engine.pool import Options, beside
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Graded, grade_module
from autograder.handing_back.feedback import Printer
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.console import escape, messages, say, table
from tito.workspace import Workspace


def demo(folder: Path, modules: list[str] | None, options: Options) -> int:
    started = time.monotonic()
    home = Workspace.find()
    course = fresh_course(home, folder.resolve())
    options = _isolated_where_possible(options)
    wrong = 0
    sources = [Source.of(course, name) for name in modules or course.released()]
    with beside(1) as releasing, Printer(course) as printer:
        releases = [releasing.submit(_release, course.root, source.module) for source in sources]
        for source, released in zip(sources, releases, strict=True):
            with messages().status(f"releasing {source.module}"):
                released.result()
            wrong += _run_module(source, home, options)
            printer.begin(source)
        with messages().status("making the last feedback pages"):
            printer.finish()
    _say_where(course, time.monotonic() - started)
    return 1 if wrong else 0


def _isolated_where_possible(options: Options) -> Options:
    """The class is the course's own: it may be graded where a machine can't shut it in."""
    why = sandbox.why_open()
    if not why:
        return options
    say(f"[yellow]Submissions are not shut in here:[/] {escape(why)}. Grading goes on: this class is the course's own.")
    return replace(options, isolated=False)


def _release(root: Path, module: str) -> None:
    course = Workspace.find(root)
    with nbgrader_api(course) as api:
        release_one(api, Source.of(course, module))


def _run_module(source: Source, home: Workspace, options: Options) -> int:
    """Let the class hand in a module that is released, and grade; how many scores were not what was due."""
    handed_in = hand_in(source.workspace, source, home.root / "tests" / "course" / "versions")
    started = time.monotonic()
    graded = {one.student: one for one in grade_module(source, options=options, progress=progress_bar)}
    return _show(source, handed_in, graded, time.monotonic() - started)


def _show(source: Source, handed_in: list[HandIn], graded: dict[str, Graded], seconds: float) -> int:
    shown = table("student", "handed in", "due", "got", "", title=f"{source.module}, graded in {seconds:.0f} s")
    wrong = 0
    for one in handed_in:
        score = graded[one.student].score
        same = one.is_due(score)
        wrong += not same
        due, got = (("not graded" if points is None else f"{points:g}") for points in (one.due, score))
        due += f", below {one.most:g}" if one.most else ""
        shown.add_row(one.student, escape(one.what), due, got, "as due" if same else "[bold red]DIFFERENT[/]")
    say(shown)
    return wrong


def _say_where(course: Workspace, seconds: float) -> None:
    """Three things to look at next, with paths and commands that work from where the user stands."""
    page = course.root / "feedback" / "fay" / course.released()[0] / f"{course.released()[0]}_dev.html"
    pages = [page, *sorted((course.root / "feedback").glob("*/*/*.html"))]
    go = f"cd {_seen_from_here(course.root)} && {escape(quote(str(Path(sys.executable).parent)))}"
    say(f"Done in {seconds:.0f} s. To look at next:")
    say(f"  a student's feedback  {_seen_from_here(next(filter(Path.is_file, pages)))}")
    say(f"  the class report      ({go}/tito report)")
    say(f"  what a TA sees        ({go}/jupyter lab), menu Nbgrader, Formgrader")


def _seen_from_here(path: Path) -> str:
    return escape(quote(os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)))
