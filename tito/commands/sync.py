"""tito sync: export notebooks to the package."""

from tito import notebooks
from tito.console import escape, say, table
from tito.export import export, is_rescued
from tito.workspace import UserError, Workspace


def sync(module: str | None) -> int:
    """Export one module, or all that are released. Returns the exit code."""
    workspace = Workspace.find()
    names = [workspace.module(module).name] if module else workspace.released()
    if not names:
        raise UserError("No module is released here yet, so there is nothing to export.")
    rows = [_sync_one(workspace, name, asked=bool(module)) for name in names]
    shown = table("module", "package", "")
    for name, (mark, note) in zip(names, rows, strict=True):
        shown.add_row(name, workspace.relative(workspace.export(name)), f"{MARKS[mark]}{escape(note)}")
    say(shown)
    if any(mark == "failed" for mark, _ in rows):
        return 2
    synced = [name for name, (mark, _) in zip(names, rows, strict=True) if mark != "skipped"]
    if synced:
        say(f"Next step: python bin/tito.py test --module {synced[-1]}")
    return 0


MARKS = {"written": "[green]written[/]", "same": "unchanged", "skipped": "[dim]skipped[/]", "failed": "[red]failed[/]"}


def _sync_one(workspace, name, asked):
    """Export one module. Returns a key of MARKS, and a note."""
    target = workspace.export(name)
    if not asked and is_rescued(target):
        return "skipped", f": the published solution is installed; your own comes back with --module {name}"
    try:
        own = notebooks.of(workspace, name)
        if not asked and notebooks.untouched(workspace, name, own):
            kept = "not started here; the package keeps an older file" if target.is_file() else "not started yet"
            return "skipped", f": {kept}"
        changed = export(workspace.notebook(name), target, workspace.relative(workspace.notebook(name)))
    except UserError as error:
        if asked:
            raise
        return "failed", f": {error}"
    return "written" if changed else "same", _remarks(workspace, name, own)


def _remarks(workspace, name, own):
    remarks = ""
    empty, stubs = notebooks.empty_stubs(own), notebooks.stubs(own)
    if empty:
        remarks += f"; {len(empty)} of {len(stubs)} stubs {'is' if len(empty) == 1 else 'are'} still empty"
    lost = _exported(notebooks.released(workspace, name) or own) - _exported(own)
    if lost:
        remarks += f"; not exported, because `#| export` is gone: {', '.join(sorted(lost))}"
    return remarks


def _exported(notebook):
    return {notebooks.cell_name(cell) for cell in notebook["cells"] if notebooks.is_exported(cell)}
