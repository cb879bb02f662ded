"""tito data: the full data sets that the milestones need."""

from tito import datasets
from tito.console import console, escape, say, table
from tito.workspace import UserError, Workspace


def data(name: str | None) -> int:
    """Complete a data set, or list all data sets. Returns the exit code."""
    workspace = Workspace.find()
    if name is None:
        return _list(workspace)
    _check_name(workspace, name)
    title, files = datasets.DATASETS[name].title, len(datasets.DATASETS[name].files)
    with _progress() as bars:
        tasks = {}

        def report(file, done, total):
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=None)
            bars.update(tasks[file], completed=done, total=total or None)

        source = datasets.fetch(workspace, name, report)
    came = f"fetched from {escape(source)}" if source else "there already"
    where = escape(workspace.relative(datasets.folder(workspace, name)))
    published = datasets.is_published(workspace, name)
    say(f"{title}: {files} file{'s' * (files != 1)} in {where}, {'verified' if published else 'complete'}, {came}.")
    if not published:
        _warn(name, title, where)
    return 0


def _warn(name, title, where):
    say(
        f"[yellow]These are not the published pixels of {title}[/]: sizes and labels fit, checksums do not, as in a\n"
        "copy decoded from JPEG. They do for training; what is measured on them does not compare with figures for\n"
        f"{title}. To get the published ones: delete {where}, then, without {datasets.VARIABLE},\n"
        f"  python bin/tito.py data {name}"
    )


def _check_name(workspace, name):
    if name in datasets.DATASETS:
        return
    milestones = _milestones(workspace)
    if name in milestones:
        raise UserError(f"The data set {name} comes with module {milestones[name]}, which is not released yet.")
    known = ", ".join(one for one in datasets.DATASETS if one in milestones)
    raise UserError(f"There is no data set {name!r}. The data sets: {known}.")


def _milestones(workspace):
    """The data sets that milestones of this course train on -> the first module with such a milestone."""
    rows = [row for row in workspace.course.modules.values() if row.milestone]
    return {datasets.of_milestone(row.milestone): row.name for row in reversed(rows)}


def _list(workspace):
    shown, wanted_here = table("data set", "whole", "folder", ""), _milestones(workspace)
    for name, dataset in [(name, one) for name, one in datasets.DATASETS.items() if name in wanted_here]:
        there, wanted = len(datasets.verified(workspace, name)), len(dataset.files)
        step = _state(workspace, name) if there == wanted else f"python bin/tito.py data {name}"
        folder = workspace.relative(datasets.folder(workspace, name))
        shown.add_row(dataset.title, f"{there} of {wanted} files", folder, step)
    say(shown)
    return 0


def _state(workspace, name):
    published = datasets.is_published(workspace, name)
    return "[green]complete[/]" if published else "[yellow]complete, but not the published pixels[/]"


def _progress():
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console(), transient=True, disable=not console().is_terminal)
