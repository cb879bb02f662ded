"""tito submit: a module as a zip, with a receipt that names its checksum."""

import hashlib
import json as jsonlib
import zipfile
from datetime import UTC, datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from tito import __version__, files, notebooks, programs, state, targets
from tito.console import complain, escape, print_json, say
from tito.workspace import UserError, Workspace

LARGEST_FILE, LARGEST_ZIP = 5_000_000, 20_000_000
EXCHANGE_SECONDS = 120
PACKED_AT = (1980, 1, 1, 0, 0, 0)  # the same time for all files, so that equal contents give equal checksums


def submit(module: str, to: Path | None, exchange: bool, anyway: bool, json: bool) -> int:
    """Pack a module, and write a receipt beside the zip. Returns the exit code."""
    workspace = Workspace.find()
    workspace.students_module(module, "submit")
    workspace.module(module)
    notebook = notebooks.of(workspace, module)
    folder = targets.folder_at(to) if to else workspace.root / "submissions"
    if _is_untouched(workspace, module, notebook) and not anyway:
        shown = workspace.relative(workspace.notebook(module))
        complain(f"{shown} is as it was released: there is nothing to hand in yet. To pack it all the same: --anyway")
        return 1
    extra, left_out = _extra_files(workspace, module)
    now = datetime.now(UTC)
    gaps = _gaps(workspace, module, notebook)
    archive = _pack(workspace, [workspace.notebook(module), *extra])
    target = _free(folder, f"{module}-{now:%Y%m%dT%H%M%SZ}")
    receipt = {
        "module": module,
        "time": now.isoformat(timespec="seconds"),
        "zip": target.name,
        "zip_sha256": hashlib.sha256(archive).hexdigest(),
        "notebook_sha256": hashlib.sha256(workspace.notebook(module).read_bytes()).hexdigest(),
        "files": zipfile.ZipFile(BytesIO(archive)).namelist(),
        "warnings": gaps + _lateness(workspace, module, now) + left_out,
        "tito": __version__,
    }
    files.write(target, archive)
    files.write(target.with_suffix(".receipt.json"), jsonlib.dumps(receipt, indent=1) + "\n")
    packed = {"digest": notebooks.digest(notebook, written=True), "time": receipt["time"], "zip": target.name}
    state.remember(workspace, "submissions", module, packed)
    if exchange:
        _hand_in(workspace, module)
    print_json(receipt) if json else _show(target, receipt, bool(gaps), exchange)
    return 0


def _is_untouched(workspace, module, notebook):
    """Whether no code was changed and no answer written."""
    unanswered = notebooks.empty_answers(notebook) == notebooks.answers(notebook)
    return unanswered and notebooks.untouched(workspace, module, notebook)


def _extra_files(workspace, module):
    """The files that the student added or changed in the module's folder; a warning about each that is too large."""
    folder, pristine = workspace.modules / module, workspace.pristine(module).parent
    chosen, left_out, size = [], [], workspace.notebook(module).stat().st_size
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not path.is_file() or path == workspace.notebook(module) or _is_debris(name) or path.is_symlink():
            continue
        if (pristine / name).is_file() and (pristine / name).read_bytes() == path.read_bytes():
            continue
        bytes_ = path.stat().st_size
        if bytes_ > LARGEST_FILE or size + bytes_ > LARGEST_ZIP:
            left_out.append(f"{name} is left out: {bytes_ / 1e6:.1f} MB is too large")
            continue
        chosen.append(path)
        size += bytes_
    return chosen, left_out


def _is_debris(name):
    return ".backup-" in name.name or any(part.startswith(".") or part == "__pycache__" for part in name.parts)


def _pack(workspace, paths):
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path in paths:
            entry = zipfile.ZipInfo(path.relative_to(workspace.modules).as_posix(), PACKED_AT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            made.writestr(entry, path.read_bytes())
    return archive.getvalue()


def _free(folder, name):
    """A path for the zip. No earlier submission has this path."""
    numbers = (name if number == 1 else f"{name}-{number}" for number in range(1, 1000))
    return next(path for path in (folder / f"{name}.zip" for name in numbers) if not path.exists())


def _gaps(workspace, module, notebook):
    """Warnings about what is not done."""
    gaps = []
    empty, answers = notebooks.empty_stubs(notebook), notebooks.empty_answers(notebook)
    if empty:
        gaps.append(f"still empty: {', '.join(empty)}")
    if answers:
        gaps.append(f"no answer yet: {', '.join(answers)}")
    there, released = _asked(notebook), _asked(notebooks.released(workspace, module) or notebook)
    if lost := [name for name in released if name not in there]:
        gaps.append(f"cells are missing, or have lost their names: {', '.join(lost)}")
    if doubled := [name for name in released if there.count(name) > 1]:
        gaps.append(f"cells are there more than once, keep one of each: {', '.join(doubled)}")
    exported = [cell for cell in notebook["cells"] if notebooks.is_exported(cell)]
    wrong = {notebooks.cell_title(cell): notebooks.syntax_error(cell["source"]) for cell in exported}
    return gaps + [f"Python can't read {name}, {what}" for name, what in wrong.items() if what]


def _asked(notebook) -> list[str]:
    """The names of all cells that are the student's to write, or are checked."""
    cells = notebook["cells"]
    return [notebooks.cell_name(cell) for cell in cells if notebooks.is_check(cell) or notebooks.is_solution(cell)]


def _lateness(workspace, module, now):
    due = workspace.course.modules[module].due
    return [f"late: it was due {due:%d %b %Y, %H:%M}"] if due and now > due else []


def _hand_in(workspace, module):
    """Hand in through nbgrader's exchange, by `nbgrader submit`."""
    if find_spec("nbgrader") is None:
        raise UserError("--exchange needs nbgrader, which is not installed here. The zip is made; hand that in.")
    command = ["-m", "nbgrader", "submit", module, "--course", workspace.course.course]
    try:
        answer = programs.python(workspace.modules, *command, seconds=EXCHANGE_SECONDS)
    except programs.TimeoutExpired:
        raise UserError(
            f"nbgrader's exchange took longer than {EXCHANGE_SECONDS} s. The zip is made; hand that in."
        ) from None
    if answer.code:
        last = (answer.err.strip().splitlines() or ["no reason given"])[-1]
        raise UserError(f"nbgrader's exchange did not take it: {last}. The zip is made; hand that in.")


def _show(target, receipt, has_gaps, exchange):
    for warning in receipt["warnings"]:
        say(f"[yellow]warning[/]  {escape(warning)}")
    say(f"Packed     {escape(notebooks.shorten(target))}  ({', '.join(map(escape, receipt['files']))})")
    say(f"Time       {receipt['time']}")
    say(f"SHA-256    {receipt['zip_sha256']}")
    say(f"Receipt    {escape(notebooks.shorten(target.with_suffix('.receipt.json')))}")
    if exchange:
        say("Handed in  through nbgrader's exchange")
    close = "fill the gaps and submit again; or " if has_gaps else ""
    hand_in = "keep the receipt" if exchange else "hand in the zip, and keep the receipt"
    say(f"Next step: {close}{hand_in}.")
