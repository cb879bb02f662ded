"""The instructor's half of tito. Each command imports its implementation when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from tito.cli import JsonOption

app = typer.Typer()
grades = typer.Typer(help="Hand scores to other systems. (instructor)", no_args_is_help=True)
app.add_typer(grades, name="grades")


def _each_once(modules: list[str] | None) -> list[str] | None:
    return modules and list(dict.fromkeys(modules))


Modules = Annotated[
    list[str] | None,
    typer.Argument(help="Modules; all that exist by default.", metavar="[MODULE]...", callback=_each_once),
]
NeededModules = Annotated[
    list[str], typer.Argument(help="Modules to work on.", metavar="MODULE...", callback=_each_once)
]
Student = Annotated[str | None, typer.Option("--student", help="Only this student.")]
Kernel = Annotated[bool, typer.Option("--kernel", help="Run in real IPython kernels: slower, same scores.")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, help="How many submissions run at a time; one on each core by default."),
]


@app.command(rich_help_panel=None)
def tidy(
    modules: Modules = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if something is untidy.")] = False,
):
    """Normalise source notebooks: ids, no outputs, no stray metadata. (instructor)"""
    from autograder.commands.tidy import tidy

    raise typer.Exit(tidy(modules, check))


@app.command()
def new(
    folder: Annotated[
        Path, typer.Argument(help="The folder to make; its name is the usual course id.", metavar="NAME")
    ],
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="Answers in YAML, instead of questions.")
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", metavar="URL", help="Where the course comes from; what tito came from.")
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="The version to begin with; the newest by default.")] = None,
    remote: Annotated[str | None, typer.Option("--remote", metavar="URL", help="Your own, private repository.")] = None,
):
    """Make a course of your own from this one, with its history, in a new folder. (instructor)"""
    from autograder.commands.new import new

    raise typer.Exit(new(folder, answers, template, tag, remote))


@app.command()
def upgrade(
    version: Annotated[
        str | None,
        typer.Argument(help="A version of the course, such as v1.2.0; the newest by default.", metavar="[TAG]"),
    ] = None,
):
    """Take a new version of the course, and keep what you changed. (instructor)"""
    from autograder.commands.upgrade import upgrade

    raise typer.Exit(upgrade(version))


@app.command("new-module", context_settings={"allow_extra_args": True})
def new_module(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name, as students import it: rnn.")],
    title: Annotated[str | None, typer.Option("--title", help="Its title; made of its name by default.")] = None,
    after: Annotated[
        str | None, typer.Option("--after", help="The module that it follows; the last by default.")
    ] = None,
    needs: Annotated[
        list[str] | None, typer.Option("--needs", help="The modules that it imports.", metavar="MODULE...")
    ] = None,
):
    """Make the skeleton of a module: row, notebook, README, test, versions. (instructor)"""
    from autograder.commands import new_module as command

    if context.args and not needs:
        raise typer.BadParameter(f"one module at a time, and not {' '.join(context.args)} as well")
    raise typer.Exit(command.new_module(name, title, after, [*(needs or []), *context.args]))


@app.command()
def release(modules: Modules = None):
    """Export the reference and make the student versions in release/. (instructor)"""
    from autograder.commands.release import release

    raise typer.Exit(release(modules))


@app.command()
def kit(
    publish: Annotated[
        list[str] | None,
        typer.Option("--publish", metavar="MODULE", help="Publish a past module's solution, for tito rescue."),
    ] = None,
):
    """Build the workspace that students clone, dist/TinyTorch. (instructor)"""
    from autograder.commands.kit import kit

    raise typer.Exit(kit(publish or []))


@app.command()
def collect(
    module: Annotated[str, typer.Argument(help="The module that was handed in.")],
    paths: Annotated[list[Path], typer.Argument(help="Zips or folders from an LMS, the exchange, students.")],
    map: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.csv", help="What you decided: path or number, student, time.")
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", help="When those came of which nothing says it: a time, or `in time`.")
    ] = None,
    json: JsonOption = False,
):
    """Fill submitted/ with what a learning-management system gives; report what became of each file. (instructor)"""
    from autograder.commands.collect import collect

    raise typer.Exit(collect(module, paths, map, time, json))


roster = typer.Typer(help="The students of the course. (instructor)", no_args_is_help=True)
app.add_typer(roster, name="roster")


@roster.command("import")
def roster_import(file: Annotated[Path, typer.Argument(help="CSV: id, first_name, last_name, email, lms_user_id.")]):
    """Put students into the gradebook, or change their names there. (instructor)"""
    from autograder.commands.roster import import_roster

    raise typer.Exit(import_roster(file))


@roster.command("show")
def roster_show():
    """Show the students that the gradebook knows. (instructor)"""
    from autograder.commands.roster import show_roster

    raise typer.Exit(show_roster())


@app.command()
def grade(
    modules: NeededModules,
    student: Student = None,
    jobs: Jobs = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="URL", help="Run on a Dask cluster: tcp://host:8786")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade unchanged submissions, too.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CELL", help="Judge only this graded cell; may be repeated.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Change scores that were given back, too; with --student, one student's.")
    ] = False,
    kernel: Kernel = False,
    isolation: Annotated[
        bool, typer.Option(help="Refuse to run submissions that can't be kept away from your files.")
    ] = True,
    all_rows: Annotated[bool, typer.Option("--all", help="Show all rows, also where nothing is new.")] = False,
    json: JsonOption = False,
):
    """Grade the submissions of modules and record the scores. (instructor)"""
    from autograder.commands.grade import grade
    from autograder.engine.pool import Options
    from autograder.grading.pipeline import Selection

    which = Selection(frozenset({student}) if student else None, force, frozenset(only or []), accept)
    raise typer.Exit(grade(modules, which, Options(jobs, scheduler, isolation, kernel), json, all_rows))


@app.command()
def watch(
    modules: Modules = None,
    folder: Annotated[
        Path | None, typer.Option("--from", help="What to watch; nbgrader's exchange by default.", show_default=False)
    ] = None,
    seconds: Annotated[float, typer.Option("--every", min=0, help="Seconds between two looks.")] = 2,
    once: Annotated[bool, typer.Option("--once", help="Answer what is there now, and end.")] = False,
    jobs: Jobs = None,
):
    """Grade what students hand in as it arrives, and hand provisional pages back. (instructor)"""
    from autograder.commands.watch import watch
    from autograder.engine.pool import Options

    raise typer.Exit(watch(modules or [], folder, seconds, once, Options(jobs)))


@app.command()
def doctor(json: JsonOption = False):
    """Show what this machine lacks for the course: folder, exchange, configuration, isolation, database. (operator)"""
    from autograder.commands.doctor import doctor

    raise typer.Exit(doctor(json))


student = typer.Typer(help="What is kept about one student. (instructor)", no_args_is_help=True)
app.add_typer(student, name="student")
Id = Annotated[str, typer.Argument(help="The student's id.", metavar="ID")]


@student.command("export")
def student_export(
    id: Id,
    to: Annotated[Path | None, typer.Option("--to", help="The zip to write; ID.zip by default.")] = None,
):
    """Pack all that is kept about a student, who may ask for it. (instructor)"""
    from autograder.commands.student import export_student

    raise typer.Exit(export_student(id, to))


@student.command("forget")
def student_forget(id: Id, yes: Annotated[bool, typer.Option("--yes", help="Remove it, for good.")] = False):
    """Show all that is kept about a student, and with --yes remove it. (instructor)"""
    from autograder.commands.student import forget_student

    raise typer.Exit(forget_student(id, yes))


@app.command()
def mark(
    module: Annotated[str | None, typer.Argument(help="The module to begin with.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    allow_root: Annotated[bool, typer.Option("--allow-root", help="As root, in a container: as for jupyter.")] = False,
):
    """Grade the answers that only a person can grade: a page for the keyboard, beside formgrader. (TA)"""
    from autograder.commands.mark import mark

    mark(module, browser, allow_root)


@app.command()
def feedback(
    modules: NeededModules,
    student: Student = None,
    zipped: Annotated[bool, typer.Option("--zip", help="Pack dist/feedback/<module>/<student>.zip.")] = False,
    exchange: Annotated[bool, typer.Option("--exchange", help="Send through nbgrader's exchange.")] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also send pages on which answers wait for a person.")
    ] = False,
    json: JsonOption = False,
):
    """Make the pages that students get back, in feedback/, and send them. (instructor)"""
    from autograder.commands.feedback import feedback
    from autograder.handing_back.feedback import Ways

    raise typer.Exit(feedback(modules, student, Ways(zipped, exchange, anyway), json))


@app.command()
def why(
    student: Annotated[str, typer.Argument(help="The student's id.", metavar="STUDENT", show_default=False)],
    check: Annotated[str, typer.Argument(help="The graded cell: check_add, or add.", metavar="CHECK")],
    module: Annotated[str | None, typer.Option("--module", help="Where several modules have such a check.")] = None,
    isolation: Annotated[
        bool, typer.Option(help="Refuse to run a submission that can't be kept away from your files.")
    ] = True,
    json: JsonOption = False,
):
    """Show why a student has these points for a check, and whether a rerun agrees. Shows hidden text. (instructor)"""
    from autograder.commands.why import why

    raise typer.Exit(why(student, check, module, isolation, json))


@app.command()
def deadlines(
    module: Annotated[str | None, typer.Argument(help="The module; all that are released by default.")] = None,
    student: Student = None,
    json: JsonOption = False,
):
    """Show until when modules are due for whom, who handed in when, and what being late costs. (instructor)"""
    from autograder.commands.deadlines import deadlines

    raise typer.Exit(deadlines(module, student, json))


@app.command()
def report(
    modules: Modules = None,
    to: Annotated[Path | None, typer.Option(help="The file to write; dist/report.html by default.")] = None,
    json: JsonOption = False,
):
    """Show how the class did: distribution, questions, missing work, what to look at. (instructor)"""
    from autograder.commands.report import report

    raise typer.Exit(report(modules, to, json))


@grades.command("export")
def export_grades(
    modules: Modules = None,
    kind: Annotated[str, typer.Option("--for", help="canvas, moodle or plain.")] = "plain",
    to: Annotated[Path | None, typer.Option(help="The file to write; grades-<for>.csv by default.")] = None,
    student: Student = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also export scores on which answers wait for a person.")
    ] = False,
):
    """Write scores as CSV for Canvas, Moodle or a spreadsheet. (instructor)"""
    from autograder.commands import grades as command

    raise typer.Exit(command.export_grades(modules, kind, to, student, anyway))


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demonstration course is made.")] = Path("demo"),
    module: Annotated[
        list[str] | None, typer.Option(help="Only this module; more than once for more. [default: all]")
    ] = None,
    jobs: Jobs = None,
    kernel: Kernel = False,
):
    """Release, grade a simulated class, hand back feedback; compare the scores with those that are due. (instructor)"""
    from autograder.commands.demo import demo
    from autograder.engine.pool import Options

    raise typer.Exit(demo(folder, module, Options(jobs, kernel=kernel)))


otter = typer.Typer(help="Grade with otter and Gradescope, too. (instructor)", no_args_is_help=True)
app.add_typer(otter, name="otter")


@otter.command("build")
def otter_build(modules: Modules = None):
    """Make dist/otter/<module>: autograder.zip for Gradescope, and what students get. (instructor)"""
    from autograder.commands.otter import build

    raise typer.Exit(build(modules))


@otter.command("check")
def otter_check(
    modules: NeededModules,
    folder: Annotated[
        Path | None, typer.Option(help="Holds <student>/<module>/; submitted/ by default.", show_default=False)
    ] = None,
    jobs: Jobs = None,
    json: JsonOption = False,
):
    """Grade submissions with nbgrader and with otter, and compare every cell's score. (instructor)"""
    from autograder.commands.otter import check

    raise typer.Exit(check(modules, folder, jobs, json))
