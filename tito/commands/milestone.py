"""tito milestone: train on a full data set with the student's own layers."""

import shlex
import signal
import sys
import threading
import traceback
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from tito import datasets, files, state, steps
from tito.console import complain, console, escape, print_json, say
from tito.export import make_package
from tito.milestones import configured
from tito.milestones.own_kernels import OwnKernels
from tito.workspace import UserError, Workspace

STATE, PICTURE, MODEL = "state.npz", "result.png", "model.npz"
HELD_BACK = ("guesses", "labels", "confidences", "kept", "weights")  # of a result: arrays, which no document needs


@dataclass(frozen=True)
class Asked:
    """What somebody wants of a training: so many epochs; on their own kernels; or all that a config file says."""

    epochs: int | None = None
    own_kernels: bool = False
    config: Path | None = None

    @property
    def options(self) -> str:
        """As they were typed."""
        epochs = f" --epochs {self.epochs}" if self.epochs else ""
        config = f" --config {shlex.quote(str(self.config))}" if self.config else ""
        return epochs + " --own-kernels" * self.own_kernels + config


def milestone(name: str, module: str | None, asked: Asked, fresh: bool, json: bool) -> int:
    """Train, and say whether the target was reached. Returns the exit code."""
    workspace = Workspace.find()
    row = _row(workspace, name, module)
    recipe = import_module(f"tito.milestones.{steps.recipe_name(row)}")
    data = datasets.of_milestone(name)
    published = _check_data(workspace, data)
    make_package(workspace.package)
    sys.path.insert(0, str(workspace.root))
    wanted = _wanted(workspace, recipe, asked)
    epochs, own_kernels, numbers = asked.epochs, asked.own_kernels, nullcontext()
    if wanted:
        epochs, own_kernels = wanted.recipe.epochs, wanted.own_kernels
        numbers = configured.with_numbers(recipe, wanted.recipe)
    if own_kernels and "kernels" not in workspace.course.modules:
        raise UserError("This course has no module kernels, so there are no kernels of your own to train on.")
    saved = workspace.root / "milestones" / name / STATE
    if fresh:
        saved.unlink(missing_ok=True)
    try:
        with numbers:
            result, step = _run(workspace, data, recipe, saved, epochs, own_kernels, json)
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # exit() in a student's layer ends the training, too
        return _blame(workspace, row.name, error)
    if not result.finished:
        return _pause(workspace, row, result, saved, step, _command(name, module, asked), json)
    done = _keep_run(workspace, recipe, asked, wanted, result, saved.with_name(configured.RUN))
    code = _finish(workspace, row, result, saved, published, step, done, json)
    return _is_another(wanted, done, json) if wanted and wanted.found.weights else code


def _wanted(workspace, recipe, asked):
    """The run in the config file that is asked for; None without a file. Raises UserError where that can't be."""
    if asked.config is None:
        return None
    if "config" not in workspace.course.modules:
        raise UserError("This course has no module config, which reads such a file.")
    if asked.epochs or asked.own_kernels:
        raise UserError("The file says how many epochs, and on which kernels: change it there.")
    try:
        asked.config.read_text(encoding="utf-8")
        return configured.read(recipe, asked.config)
    except OSError as error:
        raise UserError(f"{asked.config} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{asked.config} is not UTF-8. Save it as UTF-8.") from None
    except ValueError as error:
        raise UserError(str(error)) from None
    except Exception as error:
        raise UserError(_reason(workspace, "config", error)[0]) from None


def _keep_run(workspace, recipe, asked, wanted, result, path):
    """Write down a finished run, and return it. None before there is a config module, and where that one fails."""
    if "config" not in workspace.course.modules or not workspace.export("config").is_file() or not result.weights:
        return None
    try:
        run = wanted or configured.of_recipe(recipe, asked.epochs, asked.own_kernels)
        return configured.keep(run, result.weights, getattr(result, result.measure), path)
    except Exception as error:
        complain(f"{path.name} is left out. {_reason(workspace, 'config', error)[0]}")
        return None


def _is_another(wanted, done, json):
    """Say whether a run is the one in the config file. Returns the exit code."""
    if done is None:
        return 1
    same, words = configured.compared(done, wanted)
    if not json:
        say(words)
    return int(not same)


def serve_page(name: str, module: str | None, port: int) -> int:
    """Serve the model that the milestone's last run kept, until Ctrl-C. Returns the exit code."""
    workspace = Workspace.find()
    row = _row(workspace, name, module)
    recipe = import_module(f"tito.milestones.{steps.recipe_name(row)}")
    if not hasattr(recipe, "server"):
        raise UserError(f"The milestone {name} has no page: nothing of it is served.")
    kept = workspace.root / "milestones" / name / MODEL
    if not kept.is_file():
        raise UserError(f"There is no model yet. Train it first: {steps.TITO} milestone {name}")
    if "mlops" not in workspace.course.modules:
        raise UserError("The app that serves it is that of MLOps, which this course does not have.")
    make_package(workspace.package)
    sys.path.insert(0, str(workspace.root))
    try:
        model, vocabulary = recipe.load(kept)
        monitor = _monitor(workspace, name, recipe, vocabulary)
        server = recipe.server(model, vocabulary, port, monitor)
    except Exception as error:
        return _blame(workspace, row.name, error)
    say(f"The page: http://127.0.0.1:{port}/type   (Ctrl-C ends it)")
    if monitor:
        say(f"What watches the prompts: http://127.0.0.1:{port}/")
    try:
        server.run()
    except SystemExit:  # it has said why
        raise UserError(f"The server did not start. If something else listens on {port}: --port {port + 1}") from None
    return 0


def _monitor(workspace, name, recipe, vocabulary):
    """What watches the prompts of the page. None where nothing can; the reason is told."""
    data = datasets.of_milestone(name)
    try:
        _check_data(workspace, data)
        return recipe.monitor(vocabulary, datasets.folder(workspace, data))
    except UserError as error:
        reason = str(error)
    except Exception as error:
        reason = _reason(workspace, "mlops", error)[0]
    complain(f"Prompts are not watched. {reason}")
    return None


def _finish(workspace, row, result, saved, published, step, done, json):
    """Remember and show a result; `step`, of a run on the user's own kernels; `done`, the run as it was written down.

    Returns the exit code.
    """
    measured = {result.measure: getattr(result, result.measure)}
    known = {**measured, "reached": result.reached, "published": published}
    state.remember(workspace, "milestones", steps.recipe_name(row), known)
    saved.unlink(missing_ok=True)
    if kept := getattr(result, "kept", None):
        _keep(kept, saved.with_name(MODEL))
    if not json:
        _show(row, result, published)
        if step:
            say(str(step))
    compared = _compare(workspace, row, saved.with_name(MODEL)) if kept else {}
    picture = _draw(workspace, row, result, published, saved)
    if json:
        more = {"published": published, "picture": picture, "step": step and asdict(step)}
        more["run"] = done and asdict(done.found)
        print_json(
            _document(row, result) | more | {"compared": {name: asdict(each) for name, each in compared.items()}}
        )
    else:
        for each in compared.values():
            say(str(each))
        if picture:
            say(f"{result.pictured}: {escape(workspace.relative(picture))}")
        if done:
            say(f"{configured.RUN} repeats it: config {done.found.config}, weights {done.found.weights}")
    return 0 if result.reached else 1


def _compare(workspace, row, kept):
    """What the user's other modules find of the kept model, by module. What fails there costs the milestone nothing."""
    recipe, found = import_module(f"tito.milestones.{steps.recipe_name(row)}"), {}
    data = datasets.folder(workspace, datasets.of_milestone(row.milestone))
    for module, compare in recipe.comparisons(kept, data).items():
        if module in workspace.course.modules:
            try:
                found[module] = compare()
            except Exception as error:
                complain(f"The comparison by {module} is left out. {_reason(workspace, module, error)[0]}")
    return found


def _keep(arrays, path):
    from numpy import savez

    packed = BytesIO()
    savez(packed, **arrays)
    files.write(path, packed.getvalue())


def _row(workspace, name, module):
    """The course's row with the milestone: that of `module`, or of the last exported module, or else the first row."""
    rows = {row.name: row for row in workspace.course.modules.values() if row.milestone == name}
    if not rows:
        names = dict.fromkeys(row.milestone for row in workspace.course.modules.values() if row.milestone)
        raise UserError(f"There is no milestone {name!r}. The milestones: {', '.join(names)}.")
    if module and workspace.row(module).name not in rows:
        raise UserError(f"Module {module} has no milestone {name}. It belongs to: {', '.join(rows)}.")
    exported = [name for name, row in rows.items() if workspace.export(name).is_file() and _has_recipe(row)]
    row = rows[module or [*reversed(exported), *rows][0]]
    if not _has_recipe(row):
        raise UserError(f"The milestone {name} comes with module {row.name}, which is not released yet.")
    return workspace.module(row.name)


def _has_recipe(row):
    return find_spec(f"tito.milestones.{steps.recipe_name(row)}") is not None


def _check_data(workspace, name):
    """Whether the data is as published. Raises UserError where it is not complete."""
    dataset = datasets.DATASETS[name]
    found = dataset.look(datasets.folder(workspace, name))
    if len(found) < len(dataset.files):
        raise UserError(f"{dataset.title} is not here yet. Fetch it with: python bin/tito.py data {name}")
    return all(found.values())


def _run(workspace, name, recipe, saved, epochs, own_kernels, json):
    """Run the recipe. A recipe that can be resumed keeps its state in the milestone's folder, and stops on Ctrl-C.

    Returns the result and, of a run on the user's own kernels, what a step took.
    """
    options = {"epochs": epochs} if epochs else {}
    resumable = getattr(recipe, "RESUMABLE", False)
    if resumable and saved.is_file() and not json:
        shown = escape(workspace.relative(saved))
        say(f"Going on from {shown} if it is of this recipe and as many epochs; --fresh starts anew.")
    tell = complain if json else say  # messages appear above the bar
    with nullcontext() if json else _progress() as bars, _ctrl_c(tell) if resumable else nullcontext() as stop:
        if resumable:
            options |= {"folder": saved.parent, "stop": stop}
        last = _Last(_reporter(bars, resumable))
        with OwnKernels(last) if own_kernels else nullcontext(last) as reporting:
            try:
                result = recipe.run(datasets.folder(workspace, name), reporting, **options)
            except KeyboardInterrupt:
                kept = workspace.relative(saved) if resumable and saved.is_file() else None
                raise KeyboardInterrupt(_interrupted(last.progress, kept, _step(reporting))) from None
        return result, _step(reporting)


class _Last:
    """A report that keeps the last Progress, and hands each on to `report`."""

    def __init__(self, report):
        self.report, self.progress = report, None

    def __call__(self, progress):
        self.progress = progress
        self.report(progress)


def _step(reporting):
    return reporting.step() if isinstance(reporting, OwnKernels) else None


def _interrupted(progress, kept, step):
    """What Ctrl-C has ended, and where the next run begins. kept: the path of a state; step: of own kernels, a Step."""
    where = f"at step {progress.step:,} of {progress.steps:,}" if progress else "before the first step was reported"
    if kept:
        begins = (
            f"What was last saved stays in {kept}: the next run goes on there if it has the same recipe and epochs."
        )
    else:
        begins = "Nothing of this training is kept: the next run starts anew."
    return " ".join([f"interrupted {where}.", begins, *([f"{step}."] if step and step.measured else [])])


@contextmanager
def _ctrl_c(tell):
    """Yields a function that says whether Ctrl-C was pressed. A second Ctrl-C stops at once, as usual."""
    pressed, before = threading.Event(), signal.getsignal(signal.SIGINT)

    def press(*signal_and_frame):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        pressed.set()
        with suppress(RuntimeError):  # Ctrl-C came in the middle of printing
            tell("finishing this step, then the state is saved; Ctrl-C again stops at once")

    if before is not signal.default_int_handler:  # somebody has another plan for Ctrl-C: to ignore it, for example
        yield pressed.is_set
        return
    signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _pause(workspace, row, result, saved, step, command, json):
    """Say how to go on after Ctrl-C. step: of own kernels, a Step."""
    if json:
        print_json(_document(row, result) | {"step": step and asdict(step), "go_on": command})
    else:
        if step:
            say(str(step))
        say(f"Stopped after {result.seconds:.0f} s. The state is in {escape(workspace.relative(saved))}. To go on:")
        say(f"  {command}")
    return 130


def _command(name, module, asked):
    return f"{steps.TITO} milestone {name}{f' --module {module}' if module else ''}{asked.options}"


def _document(row, result):
    """The result for programs, without the arrays that have one number for each image."""
    names = [field.name for field in fields(result) if field.name not in HELD_BACK]
    known = {name: getattr(result, name) for name in names}
    return {"milestone": row.milestone, "module": row.name, **known, "reached": result.reached}


def _draw(workspace, row, result, published, saved):
    """Draw a result beside its state. Returns the path of the picture; None where there is nothing to draw."""
    name = datasets.of_milestone(row.milestone)
    dataset, pixels = datasets.DATASETS[name], "" if published else " (not the published pixels)"
    figure = result.figure(f"{dataset.title}{pixels} with {row.title}", dataset, datasets.folder(workspace, name))
    if figure is None:
        return None
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    files.write(saved.with_name(PICTURE), drawn.getvalue())
    return saved.with_name(PICTURE)


def _progress():
    from rich.progress import BarColumn, Progress, TextColumn

    text = "epoch {task.fields[epoch]}  {task.fields[training]}"
    columns = TextColumn(text), BarColumn(), TextColumn("{task.fields[left]:.0f} s left")
    return Progress(*columns, console=console(), transient=True, disable=not console().is_terminal)


def _reporter(bars, lines):
    """A function for a recipe to call with its Progress. lines: print one line an epoch, if this is a terminal."""
    if bars is None:
        return lambda progress: None
    task = bars.add_task("", visible=False, epoch="", training="", left=0.0)
    lines, finished = lines and console().is_terminal, None

    def report(progress):
        nonlocal finished
        before, finished = finished, progress.step * progress.epochs // progress.steps
        if lines and before is not None and finished > before:
            say(_line(finished, progress))
        bars.update(
            task,
            visible=True,
            completed=progress.step,
            total=progress.steps,
            epoch=f"{progress.epoch} of {progress.epochs}",
            training=_training(progress),
            left=progress.seconds_left,
        )

    return report


def _line(epoch, progress):
    return f"epoch {epoch} of {progress.epochs}: {_training(progress)} while training, {progress.seconds:.0f} s"


def _training(progress):
    accuracy = "" if progress.accuracy is None else f", accuracy {progress.accuracy:.1%}"
    return f"loss {progress.loss:.4f}{accuracy}"


def _blame(workspace, own, error):
    """Say which module and function of the student raised `error`. Returns the exit code."""
    reason, code = _reason(workspace, own, error)
    if code == 2:
        raise UserError(reason) from None
    complain(reason)
    return code


def _reason(workspace, own, error):
    """Which module and function of the student raised `error`, in words, and the exit code for it."""
    package, _, module = (getattr(error, "name", None) or "").rpartition(".")
    if isinstance(error, ImportError) and package == "tinytorch.core":
        what = "is not exported yet" if isinstance(error, ModuleNotFoundError) else f"lacks something: {error.msg}"
        return f"Module {module} {what}. Run: python bin/tito.py sync --module {module}", 2
    core = workspace.package.resolve() / "core"
    path, line, function = _innermost(error, core)
    module = path.stem if path.parent == core else own
    again = f"in the notebook, then run: python bin/tito.py sync --module {module}"
    if isinstance(error, NotImplementedError):
        return f"Module {module}: {function} isn't written yet. Write it {again}", 2
    where = f"in {function}, line {line} of {path.name}"
    return f"{type(error).__name__}: {error} ({where}). Mend your layers {again}", 1


def _innermost(error, core):
    """File, line and function of the last frame in the student's package; without one, of the last frame of all."""
    frames = [
        (Path(frame.f_code.co_filename).resolve(), line, frame.f_code.co_qualname)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    own = [frame for frame in frames if frame[0].parent == core]
    return (own or frames)[-1]


def _show(row, result, published):
    say(f"{result.parameters:,} parameters, {result.epochs} epoch{'s' * (result.epochs != 1)}, {result.seconds:.1f} s")
    if len(result.curves) > 1:
        say(result.on_the_way)
    verdict = "[green]reached[/]" if result.reached else "[red]not reached[/]"
    what, _, number = result.found.rpartition(" ")
    say(f"{what} [bold]{number}[/], target {escape(row.target)}: {verdict}")
    if not published:
        title = datasets.DATASETS[datasets.of_milestone(row.milestone)].title
        say(f"[yellow]Measured on a copy, not the published pixels of {title}[/]: do not compare it with other figures")
