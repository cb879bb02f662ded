"""tito's commands. Each imports its implementation when it runs, so that --help and info stay quick."""

import sys
from pathlib import Path
from typing import Annotated

import typer
import typer.main

from tito.exit_codes import exit_code
from tito.extensions import extensions, is_left_out
from tito.workspace import UserError, Workspace

app = typer.Typer(
    name="tito",
    help="TinyTorch: build a machine learning framework, one notebook at a time.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ModuleOption = Annotated[str | None, typer.Option("--module", "-m", help="A module's name, as in course.yml.")]
NeededModule = Annotated[str, typer.Option("--module", "-m", help="A module's name, as in course.yml.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def _version(asked: bool) -> None:
    if asked:
        import platform

        from tito import __version__

        print(f"tito {__version__}, Python {platform.python_version()}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show tito's version, and Python's.")
    ] = False,
):
    """What stands before a command."""


@app.command()
def info(json: JsonOption = False):
    """Show the modules, how far each is, this machine, and the next step."""
    from tito.commands.info import info

    raise typer.Exit(info(json))


@app.command()
def sync(module: ModuleOption = None):
    """Export notebooks to the tinytorch package: all of them, or one."""
    from tito.commands.sync import sync

    raise typer.Exit(sync(module))


@app.command()
def test(
    module: ModuleOption = None,
    all_cells: Annotated[bool, typer.Option("--all-cells", help="Run the demos and pictures, too.")] = False,
    whole: Annotated[bool, typer.Option("--story", help="Only what needs all modules, on what they export.")] = False,
    json: JsonOption = False,
):
    """Run your notebooks' checks and the tests of what they export; without a module, all modules together, too."""
    from tito.commands.test import story, test

    raise typer.Exit(story(json) if whole else test(module, all_cells, json))


@app.command()
def milestone(
    name: Annotated[str, typer.Argument(help="mnist or cifar10; gpt where that is taught.")],
    module: Annotated[
        str | None, typer.Option("--module", "-m", help="Whose recipe; by default of the latest module you exported.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Train shorter or longer than the recipe says.")] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Start anew, not where Ctrl-C stopped cifar10. The others keep no state on the way."
        ),
    ] = False,
    own_kernels: Annotated[
        bool, typer.Option("--own-kernels", help="Train on your own kernels; says what a step takes beside BLAS.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", help="Repeat the run in this file, and say whether the same came out.")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve what the last run of gpt made: a page that types.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where --serve listens.")] = 8000,
    json: JsonOption = False,
):
    """Train on a full data set with your own package."""
    from tito.commands import milestone as command

    if serve:
        raise typer.Exit(command.serve_page(name, module, port))
    asked = command.Asked(epochs, own_kernels, config)
    raise typer.Exit(command.milestone(name, module, asked, fresh, json))


@app.command()
def data(
    name: Annotated[
        str | None, typer.Argument(help="mnist, cifar10 or shakespeare; without it, show what is there.")
    ] = None,
):
    """Fetch a full data set, or take it from the folder that TINYTORCH_DATA names."""
    from tito.commands.data import data

    raise typer.Exit(data(name))


@app.command()
def update():
    """Get new modules and corrections from the course; what you have written stays."""
    from tito.commands.update import update

    raise typer.Exit(update())


@app.command(hidden=True)
def merge_notebooks(base: Path, ours: Path, theirs: Path, path: str):
    """What git calls, for tito update, where a notebook was changed on both sides."""
    from tito.commands.update import merge_notebooks

    raise typer.Exit(merge_notebooks(base, ours, theirs, path))


@app.command()
def reset(module: NeededModule):
    """Put the released notebook back; yours is kept as a backup beside it."""
    from tito.commands.reset import reset

    raise typer.Exit(reset(module))


@app.command()
def restore(
    backup: Annotated[str | None, typer.Argument(help="A backup's file name; without it, list the backups.")] = None,
):
    """List the backups that reset, rescue and update made, or bring one back."""
    from tito.commands.restore import restore

    raise typer.Exit(restore(backup))


@app.command()
def rescue(module: NeededModule):
    """Install the published solution of a past module, so that you can go on with the next."""
    from tito.commands.rescue import rescue

    raise typer.Exit(rescue(module))


@app.command()
def submit(
    module: NeededModule,
    to: Annotated[Path | None, typer.Option(help="Folder for the zip; submissions/ by default.")] = None,
    exchange: Annotated[bool, typer.Option("--exchange", help="Hand in through nbgrader's exchange, too.")] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Pack a notebook in which nothing is done yet.")] = False,
    json: JsonOption = False,
):
    """Pack a module for hand-in, with a receipt that names its checksum."""
    from tito.commands.submit import submit

    raise typer.Exit(submit(module, to, exchange, anyway, json))


students_commands = list(app.registered_commands)


def main(arguments: list[str] | None = None) -> None:
    """Run tito, and end this process. The exit codes: see `tito.exit_codes`."""
    sys.exit(exit_code(lambda: _run(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: list[str]) -> int:
    """Run a command. Exceptions come out as they are, which typer's own `main` does not do."""
    try:
        Path.cwd()
    except FileNotFoundError:  # removed, or replaced by another of its name
        raise UserError("The current folder is not there any more. Go to the course's folder anew: cd") from None
    _add_commands()
    command = typer.main.get_group(app)
    asked = next((word for word in arguments if not word.startswith("-")), "")
    if asked and asked not in command.commands:
        _refuse_an_instructors(asked)
    try:
        with command.make_context("tito", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    return 0


def _refuse_an_instructors(command: str) -> None:
    """Raise UserError for a command of the course's own folder in a workspace of its students."""
    if is_left_out(command):
        raise UserError(
            f"tito {command} is an instructor's command, and this is a students' workspace, {Workspace.find().root}. "
            "Go to the course's own folder, the one with source/."
        )


def _add_commands() -> None:
    """Add the instructor's commands, where they are installed."""
    more = extensions("commands")
    app.registered_commands = [*students_commands, *(command for one in more for command in one.registered_commands)]
    app.registered_groups = [group for one in more for group in one.registered_groups]


if __name__ == "__main__":
    main()
