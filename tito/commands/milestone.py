"""tito milestone: train on a full data set with the user's own layers."""

import sys
import traceback
from contextlib import nullcontext
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tito import datasets, state
from tito.console import complain, console, print_json, say
from tito.export import make_package
from tito.workspace import UserError, Workspace


def milestone(name: str, epochs: int | None, json: bool) -> int:
    workspace = Workspace.find()
    module = _module(workspace, name)
    recipe = import_module(f"tito.milestones.{name}")
    _check_data(workspace, name)
    make_package(workspace.package)
    sys.path.insert(0, str(workspace.root))
    try:
        with nullcontext() if json else _progress() as bars:
            options = {"epochs": epochs} if epochs else {}
            result = recipe.run(datasets.folder(workspace, name), _reporter(bars), **options)
    except Exception as error:
        return _blame(workspace, module.name, error)
    state.remember(workspace, "milestones", name, {"accuracy": result.accuracy, "reached": result.reached})
    if json:
        print_json({"milestone": name, **asdict(result), "reached": result.reached})
    else:
        _show(module, result)
    return 0 if result.reached else 1


def _module(workspace, name):
    """The course's row of the module that the milestone belongs to."""
    rows = {row.milestone: row for row in workspace.course.modules.values() if row.milestone}
    if name not in rows:
        raise UserError(f"There is no milestone {name!r}. The milestones: {', '.join(rows)}.")
    if find_spec(f"tito.milestones.{name}") is None:
        raise UserError(f"The milestone {name} comes with module {rows[name].name}, which is not released yet.")
    return workspace.module(rows[name].name)


def _check_data(workspace, name):
    dataset = datasets.DATASETS[name]
    if len(datasets.verified(workspace, name)) < len(dataset.files):
        raise UserError(f"{dataset.title} is not here yet. Fetch it with: python bin/tito.py data {name}")


def _progress():
    from rich.progress import BarColumn, Progress, TextColumn

    text = "epoch {task.fields[epoch]}  loss {task.fields[loss]:.4f}  accuracy {task.fields[accuracy]:.1%}"
    columns = TextColumn(text), BarColumn(), TextColumn("{task.fields[left]:.0f} s left")
    return Progress(*columns, console=console(), transient=True, disable=not console().is_terminal)


def _reporter(bars):
    if bars is None:
        return lambda progress: None
    task = bars.add_task("", start=False, visible=False, epoch="", loss=0.0, accuracy=0.0, left=0.0)

    def report(progress):
        bars.update(
            task,
            visible=True,
            completed=progress.step,
            total=progress.steps,
            epoch=f"{progress.epoch} of {progress.epochs}",
            loss=progress.loss,
            accuracy=progress.accuracy,
            left=progress.seconds_left,
        )

    return report


def _blame(workspace, own, error):
    """Say which module and function of the user raised `error`."""
    package, _, module = (getattr(error, "name", None) or "").rpartition(".")
    if isinstance(error, ImportError) and package == "tinytorch.core":
        what = "is not exported yet" if isinstance(error, ModuleNotFoundError) else f"lacks something: {error.msg}"
        raise UserError(f"Module {module} {what}. Run: python bin/tito.py sync --module {module}") from None
    core = workspace.package.resolve() / "core"
    path, line, function = _innermost(error, core)
    module = path.stem if path.parent == core else own
    again = f"in the notebook, then run: python bin/tito.py sync --module {module}"
    if isinstance(error, NotImplementedError):
        raise UserError(f"Module {module}: {function} isn't written yet. Write it {again}") from None
    complain(f"{type(error).__name__}: {error} (in {function}, line {line} of {path.name}). Mend your layers {again}")
    return 1


def _innermost(error, core):
    """File, line and function of the last frame in the user's package, or of the last frame of all."""
    frames = [
        (Path(frame.f_code.co_filename).resolve(), line, frame.f_code.co_qualname)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    own = [frame for frame in frames if frame[0].parent == core]
    return (own or frames)[-1]


def _show(module, result):
    say(f"{result.parameters:,} parameters, {result.epochs} epoch{'s' * (result.epochs != 1)}, {result.seconds:.1f} s")
    verdict = "[green]reached[/]" if result.reached else "[red]not reached[/]"
    say(f"Test accuracy [bold]{result.accuracy:.2%}[/], target {module.target}: {verdict}")
