"""tito submit: a module as a zip, with a receipt that names its checksum."""

import hashlib
import json as jsonlib
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from tito import __version__, files, notebooks
from tito.console import escape, print_json, say
from tito.workspace import UserError, Workspace

LARGEST_FILE, LARGEST_ZIP = 5_000_000, 20_000_000
PACKED_AT = (1980, 1, 1, 0, 0, 0)  # one time for all: equal contents give equal checksums


def submit(module: str, to: Path | None, exchange: bool, json: bool) -> int:
    workspace = Workspace.find()
    workspace.own(module, "submit")
    workspace.module(module)
    notebook = notebooks.of(workspace, module)
    extra, left_out = _extra_files(workspace, module)
    now = datetime.now(UTC)
    archive = _pack(workspace, [workspace.notebook(module), *extra])
    target = _free(to or workspace.root / "submissions", f"{module}-{now:%Y%m%dT%H%M%SZ}")
    receipt = {
        "module": module,
        "time": now.isoformat(timespec="seconds"),
        "zip": target.name,
        "zip_sha256": hashlib.sha256(archive).hexdigest(),
        "notebook_sha256": hashlib.sha256(workspace.notebook(module).read_bytes()).hexdigest(),
        "files": zipfile.ZipFile(BytesIO(archive)).namelist(),
        "warnings": _warnings(workspace, module, notebook, now) + left_out,
        "tito": __version__,
    }
    files.write(target, archive)
    files.write(target.with_suffix(".receipt.json"), jsonlib.dumps(receipt, indent=1) + "\n")
    if exchange:
        _hand_in(workspace, module)
    print_json(receipt) if json else _show(target, receipt, exchange)
    return 0


def _extra_files(workspace, module):
    """Files that the student added to the module's folder, and words about those that are left out."""
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
    """A path for the zip that no earlier submission has."""
    numbers = (name if number == 1 else f"{name}-{number}" for number in range(1, 1000))
    return next(path for path in (folder / f"{name}.zip" for name in numbers) if not path.exists())


def _warnings(workspace, module, notebook, now):
    row, warnings = workspace.course.modules[module], []
    empty, answers = notebooks.empty_stubs(notebook), notebooks.empty_answers(notebook)
    if empty:
        warnings.append(f"still empty: {', '.join(empty)}")
    if answers:
        warnings.append(f"no answer yet: {', '.join(answers)}")
    checks = {notebooks.name(cell) for cell in notebook["cells"] if notebooks.is_check(cell)}
    released = notebooks.released(workspace, module) or notebook
    wanted = [notebooks.name(cell) for cell in released["cells"] if notebooks.is_check(cell)]
    if lost := [name for name in wanted if name not in checks]:
        warnings.append(f"check cells are missing: {', '.join(lost)}")
    if row.due and now > row.due:
        warnings.append(f"late: it was due {row.due:%d %b %Y, %H:%M}")
    return warnings


def _hand_in(workspace, module):
    """Through nbgrader's exchange, as `nbgrader submit` does it."""
    if find_spec("nbgrader") is None:
        raise UserError("--exchange needs nbgrader, which is not installed here. The zip is made; hand that in.")
    command = [sys.executable, "-m", "nbgrader", "submit", module, "--course", workspace.course.course]
    done = subprocess.run(command, cwd=workspace.modules, capture_output=True, text=True, errors="replace")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UserError(f"nbgrader's exchange did not take it: {last}. The zip is made; hand that in.")


def _show(target, receipt, exchange):
    for warning in receipt["warnings"]:
        say(f"[yellow]warning[/]  {escape(warning)}")
    say(f"Packed     {escape(notebooks.shorten(target))}  ({', '.join(map(escape, receipt['files']))})")
    say(f"Time       {receipt['time']}")
    say(f"SHA-256    {receipt['zip_sha256']}")
    say(f"Receipt    {escape(notebooks.shorten(target.with_suffix('.receipt.json')))}")
    say("Handed in  through nbgrader's exchange" if exchange else "Next step: hand in the zip, and keep the receipt.")
