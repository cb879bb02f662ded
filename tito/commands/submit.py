"""tito submit: a module as a zip, with a receipt that names its checksum."""

import hashlib
import json as jsonlib
import re
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from tito import __version__, files, notebooks, programs, state, targets
from tito.console import complain, escape, print_json, say
from tito.workspace import UserError, Workspace

LARGEST_NOTEBOOK = 50_000_000  # as collecting takes
LARGEST_FILE, LARGEST_ZIP, MOST_FILES = 5_000_000, 20_000_000, 500  # that go along
SHOWN = 10  # files that stay behind
UNFIT = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")  # in the name of a file: other disks can't hold that
EXCHANGE_SECONDS = 120
PACKED_AT = (1980, 1, 1, 0, 0, 0)  # the same time for all files, so that equal contents give equal checksums


def submit(module: str, to: Path | None, exchange: bool, anyway: bool, json: bool) -> int:
    """Pack a module, and write a receipt beside the zip. Returns the exit code."""
    workspace = Workspace.find()
    workspace.students_module(module, "submit")
    workspace.module(module)
    notebooks.of(workspace, module)  # says how to go on where the notebook can't be read
    own = workspace.notebook(module)
    shown, content = workspace.relative(own), own.read_bytes()  # an editor may save while this runs: read once
    if len(content) > LARGEST_NOTEBOOK:
        raise UserError(
            f"{shown} has {len(content) / 1e6:.0f} MB, more than the {LARGEST_NOTEBOOK / 1e6:.0f} MB that are taken. "
            "In JupyterLab: Edit > Clear Outputs of All Cells. Save, and submit again."
        )
    notebook = notebooks.parse(content, shown)
    folder = targets.folder_at(to) if to else workspace.root / "submissions"
    nothing = _why_nothing(workspace, module, notebook)
    if nothing and not anyway:
        elsewhere = _written_elsewhere(workspace, module)
        complain(f"{shown} {nothing}: there is nothing to hand in yet.{elsewhere} To pack it all the same: --anyway")
        return 1
    extra, left_out = _extra_files(workspace, module, len(content))
    now = datetime.now(UTC)
    gaps = _gaps(workspace, module, notebook)
    archive = _pack({f"{module}/{own.name}": content, **extra})
    target = _free(folder, f"{module}-{now:%Y%m%dT%H%M%SZ}")
    receipt = {
        "module": module,
        "time": now.isoformat(timespec="seconds"),
        "zip": target.name,
        "zip_sha256": hashlib.sha256(archive).hexdigest(),
        "notebook_sha256": hashlib.sha256(content).hexdigest(),
        "files": zipfile.ZipFile(BytesIO(archive)).namelist(),
        "warnings": [*gaps, *_lateness(workspace, module, now), *_others(notebook, extra), *left_out],
        "tito": __version__,
    }
    files.write(target, archive)
    files.write(target.with_suffix(".receipt.json"), jsonlib.dumps(receipt, indent=1) + "\n")
    packed = {"digest": notebooks.digest(notebook, written=True), "time": receipt["time"], "zip": target.name}
    try:
        state.remember(workspace, "submissions", module, packed)
    finally:  # where the workspace is full, the zip may be in another place, and counts
        if exchange:
            _hand_in(workspace, module)
        print_json(receipt) if json else _show(target, receipt, bool(gaps), exchange)
    return 0


def _why_nothing(workspace, module, notebook):
    """Why there is nothing to hand in; "" where something was written."""
    if notebooks.empty_answers(notebook) != notebooks.answers(notebook):
        return ""
    if notebooks.untouched(workspace, module, notebook):
        return "is as it was released"
    return "" if _is_begun(notebook) else "has no stub and no answer written"


def _is_begun(notebook):
    stubs = notebooks.stubs(notebook)
    return not stubs or notebooks.empty_stubs(notebook) != stubs


def _written_elsewhere(workspace, module):
    """A sentence about another notebook of the module that somebody wrote in; "" where none is found."""
    for path in (workspace.pristine(module), *sorted((workspace.modules / module).glob("*.ipynb"))):
        with suppress(UserError):
            found = notebooks.load(path)
            if notebooks.stubs(found) and _is_begun(found):
                return f" Somebody wrote in {workspace.relative(path)}."
    return ""


def _extra_files(workspace, module, size):
    """The files that the student added or changed in the module's folder, name -> content; warnings about others.

    size: bytes of what goes along already
    """
    folder, pristine = workspace.modules / module, workspace.pristine(module).parent
    chosen, left_out = {}, []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path == workspace.notebook(module) or _is_debris(name) or _is_as_released(path, pristine / name):
            continue
        if why := _unfit(path, name, size, len(chosen)):
            left_out.append(f"{str(name).encode(errors='backslashreplace').decode()} is left out: {why}")
            continue
        chosen[f"{module}/{name.as_posix()}"] = path.read_bytes()
        size += len(chosen[f"{module}/{name.as_posix()}"])
    more = len(left_out) - SHOWN
    return chosen, [*left_out[:SHOWN], f"{more:,} more files are left out"] if more > 0 else left_out


def _is_as_released(path, pristine):
    """Whether the course gave this file. A folder is none of the student's files either."""
    if path.is_symlink():
        return False
    return not path.is_file() or (pristine.is_file() and pristine.read_bytes() == path.read_bytes())


def _unfit(path, name, size, number):
    """Why a file can't go along with `size` bytes in `number` others; "" if it can."""
    if path.is_symlink():
        return "it is a link"
    if UNFIT.search(name.as_posix()):
        return "other disks can't hold its name"
    bytes_ = path.stat().st_size
    if bytes_ > LARGEST_FILE:
        return f"{bytes_ / 1e6:.1f} MB is too large"
    if size + bytes_ > LARGEST_ZIP:
        return f"with it, the files are larger than {LARGEST_ZIP / 1e6:.0f} MB"
    return f"{MOST_FILES} others go along" if number == MOST_FILES else ""


def _is_debris(name):
    return files.BACKUP in name.name or any(part.startswith(".") or part == "__pycache__" for part in name.parts)


def _others(notebook, extra):
    """A warning about each other notebook that has the same questions: a copy of a sync client, or the student's."""
    found = []
    for name in (name for name in extra if name.lower().endswith(".ipynb")):
        with suppress(UserError):
            other = notebooks.parse(extra[name], name)
            same = notebooks.digest(other, written=True) == notebooks.digest(notebook, written=True)
            if not same and set(_asked(notebook)) & set(_asked(other)):
                found.append(f"{name} is another version of your notebook: move it away, or say which one counts")
    return found


def _pack(contents):
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, PACKED_AT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            made.writestr(entry, content)
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
