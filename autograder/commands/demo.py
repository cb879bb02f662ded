"""tito demo: the main job, from release to feedback, with a simulated class in a course of its own."""

import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from autograder.demo.course import fresh_course, hand_in
from autograder.demo.simulate import HandIn
from autograder.engine import sandbox
from autograder.engine.pool import Options, beside, ending_others
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Graded, grade_module
from autograder.handing_back.feedback import Printer
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito import targets
from tito.console import escape, messages, say, table
from tito.workspace import Workspace


@dataclass(frozen=True)
class Demonstrated:
    """A module that was released, handed in and graded."""

    handed_in: list[HandIn]
    graded: list[Graded]
    seconds: float


def demo(folder: Path, modules: list[str] | None, options: Options) -> int:
    """Run the demonstration in `folder`; the exit code.

    One more module is on its way than there are cores, each with one job: a module's last submissions never end, and
    other cores would wait for them.
    """
    started = time.monotonic()
    home = Workspace.find()
    course = fresh_course(home, targets.folder_at(folder))
    options = isolated_where_possible(options)
    wrong = 0
    sources = [Source.of(course, name) for name in modules or course.released()]
    with beside((os.cpu_count() or 1) + 1) as others, Printer(course) as printer, ending_others():
        begun = [others.submit(_run_module, course.root, source.module, home.root, options) for source in sources]
        for number, (source, future) in enumerate(zip(sources, begun, strict=True)):
            with messages().status(
                f"releasing and grading {source.module} and others, {number} of {len(sources)} done"
            ):
                done = future.result()
            wrong += _show(source, done)
            printer.begin(source)
        with messages().status("making the last feedback pages"):
            printer.finish()
    _say_where(course, time.monotonic() - started)
    return 1 if wrong else 0


def isolated_where_possible(options: Options) -> Options:
    """The class is the course's own: it may be graded where a machine can't shut it in."""
    why = sandbox.why_open()
    if not why:
        return options
    say(f"[yellow]Submissions are not shut in here:[/] {escape(why)}. Grading goes on: this class is the course's own.")
    return replace(options, isolated=False)


def _run_module(root: Path, module: str, home: Path, options: Options) -> Demonstrated:
    """Release a module, let the class hand it in, and grade, in a process that a Ctrl-C ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    course, started = Workspace.find(root), time.monotonic()
    source = Source.of(course, module)
    with nbgrader_api(course) as api:
        release_one(api, source)
    handed_in = hand_in(course, source, home / "tests" / "course" / "versions")
    graded = grade_module(source, options=replace(options, jobs=options.jobs or 1))
    return Demonstrated(handed_in, graded, time.monotonic() - started)


def _show(source: Source, done: Demonstrated) -> int:
    """Show a module's scores; how many were not what was due."""
    graded = {one.student: one for one in done.graded}
    title = f"{source.module}, released and graded in {done.seconds:.0f} s"
    shown = table("student", "handed in", "due", "got", "", title=title)
    wrong = 0
    for one in done.handed_in:
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
