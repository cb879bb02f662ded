"""Files and folders that are replaced: whatever stops it, the old or the new one is there, and never a mixture."""

import builtins
import errno
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tito import files

OLD = {"notebook.ipynb": b"old", "only_old.txt": b"old", "plots/a.png": b"old"}
NEW = {"notebook.ipynb": b"new", "only_new.txt": b"new", "plots/a.png": b"new", "plots/deep/b.png": b"new"}
STEPS = (os, "rename"), (os, "replace"), (os, "fsync"), (os, "unlink"), (os, "rmdir"), (os, "chmod"), (os, "mkdir")


class PowerCut(BaseException):
    """What nothing catches by accident."""


class Stopper:
    """Makes the step number `at` fail, and all steps after it where `for_good`: then no cleaning up runs either."""

    def __init__(self, monkeypatch, error, at, for_good):
        self.error, self.at, self.for_good, self.taken = error, at, for_good, 0
        for module, name in STEPS:
            monkeypatch.setattr(module, name, self.wrap(getattr(module, name)))
        monkeypatch.setattr(builtins, "open", self.wrap(builtins.open))

    def wrap(self, function):
        def step(*arguments, **options):
            self.taken += 1
            if self.taken == self.at or (self.for_good and self.taken > self.at):
                raise self.error
            return function(*arguments, **options)

        return step


def content(folder: Path) -> dict:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lay_out(folder: Path, what: dict) -> None:
    for name, data in what.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def stopped_at_each_step(tmp_path, monkeypatch, error, for_good, prepare, act):
    """Yields a folder in which `act` was stopped, once for each of its steps."""
    for at in range(1, 1000):
        place = tmp_path / str(at)
        place.mkdir()
        prepare(place)
        with monkeypatch.context() as patches:
            stopper = Stopper(patches, error, at, for_good)
            try:
                act(place)
            except (OSError, PowerCut):
                pass
        yield place
        if stopper.taken < at:
            return


FAULTS = [
    pytest.param(OSError(28, "No space left on device"), False, id="one step fails"),
    pytest.param(PowerCut(), False, id="interrupted"),
    pytest.param(PowerCut(), True, id="killed"),
]


@pytest.mark.parametrize(("error", "for_good"), FAULTS)
@pytest.mark.parametrize("before", [OLD, {}], ids=["old", "nothing before"])
def test_a_folder_is_the_old_or_the_new_one(tmp_path, monkeypatch, error, for_good, before):
    seen = []
    steps = stopped_at_each_step(
        tmp_path,
        monkeypatch,
        error,
        for_good,
        lambda place: lay_out(place / "tensor", before),
        lambda place: files.replace_folder(place / "tensor", NEW),
    )
    for place in steps:
        files.finish_replacing(place / "tensor")
        seen.append(content(place / "tensor"))
        assert seen[-1] in (before, NEW)
        assert not list(place.glob(".*"))
        files.replace_folder(place / "tensor", NEW)
        assert content(place / "tensor") == NEW
        assert not list(place.glob(".*"))
    assert len(seen) > 10
    assert seen[0] == before
    assert seen[-1] == NEW


@pytest.mark.parametrize(("error", "for_good"), FAULTS)
def test_a_file_is_the_old_or_the_new_one(tmp_path, monkeypatch, error, for_good):
    seen = []
    steps = stopped_at_each_step(
        tmp_path,
        monkeypatch,
        error,
        for_good,
        lambda place: lay_out(place, {"state.json": b"old"}),
        lambda place: files.write(place / "state.json", "new"),
    )
    for place in steps:
        seen.append((place / "state.json").read_bytes())
        assert seen[-1] in (b"old", b"new")
        assert for_good or not list(place.glob(".*"))
    assert (set(seen), seen[-1]) == ({b"old", b"new"}, b"new")


def test_a_folder_that_was_removed_by_hand_is_not_half_restored(tmp_path, monkeypatch):
    """The old folder is half deleted when the power goes; then somebody deletes the new one."""
    folder = tmp_path / "tensor"
    lay_out(folder, OLD)
    with monkeypatch.context() as patches:
        remove = os.unlink

        def cut(*arguments, **options):
            remove(*arguments, **options)
            raise PowerCut

        patches.setattr(os, "unlink", cut)
        with pytest.raises(PowerCut):
            files.replace_folder(folder, NEW)
    shutil.rmtree(folder)
    files.finish_replacing(folder)
    assert not folder.exists()


def test_files_of_a_new_folder_are_read_only(tmp_path):
    files.replace_folder(tmp_path / "tensor", NEW)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "tensor").rglob("*") if path.is_file()} == {0o444}
    files.replace_folder(tmp_path / "tensor", OLD, mode=0o640)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "tensor").rglob("*") if path.is_file()} == {0o640}


def test_a_file_never_appears_with_another_mode_than_its_own(tmp_path, monkeypatch):
    """Who looks at a bad moment may open what is for everybody, and nothing of what is for nobody else."""
    shown, replace = [], os.replace

    def look(part, path):
        shown.append(Path(part).stat().st_mode & 0o777)
        replace(part, path)

    monkeypatch.setattr(os, "replace", look)
    monkeypatch.setattr(os, "chmod", lambda path, mode: shown.append("late") if Path(path).name == "page" else None)
    before = os.umask(0o077)
    try:
        files.write(tmp_path / "page", "new")
        files.write(tmp_path / "page", "new", mode=0o600)
    finally:
        os.umask(before)
    assert shown == [0o600, 0o600]
    monkeypatch.undo()
    monkeypatch.setattr(os, "replace", look)
    files.write(tmp_path / "page", "new", mode=0o644)
    assert (shown[-1], (tmp_path / "page").stat().st_mode & 0o777) == (0o644, 0o644)


def test_what_is_about_students_is_open_to_nobody_else_at_any_moment(tmp_path, monkeypatch):
    seen, sync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append(os.fstat(handle).st_mode & 0o777) or sync(handle))
    page, before = tmp_path / "page", os.umask(0)
    try:
        files.write(page, "new", private=True)
        page.chmod(0o644)  # of an earlier version of tito
        files.write(page, "new", private=True)
    finally:
        os.umask(before)
    assert [mode for mode in seen if not mode & 0o111] == [0o660, 0o640]
    assert page.stat().st_mode & 0o777 == 0o640


def test_a_file_that_somebody_made_private_stays_so_and_its_copy_is(tmp_path):
    (tmp_path / "notebook").write_text("old")
    for mode in (0o600, 0o664, 0o755, 0o444):
        (tmp_path / "notebook").chmod(mode)
        files.write(tmp_path / "notebook", "new")
        copy = files.keep(tmp_path / "notebook", tmp_path / "copy")
        due = mode | 0o600  # its owner can write it
        assert [path.stat().st_mode & 0o777 for path in (tmp_path / "notebook", copy)] == [due, due]


def test_what_was_written_is_on_the_disk(tmp_path, monkeypatch):
    """Every file is synced before it gets its name, and its folder after that."""
    log = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: log.append(Path(f"/dev/fd/{handle}").resolve()) or sync(handle))
    monkeypatch.setattr(os, "replace", lambda *paths: log.append("replace") or replace(*paths))
    files.write(tmp_path / "state.json", b"new")
    part, middle, folder = log
    assert part.name.endswith(".part")
    assert (middle, folder) == ("replace", tmp_path)
    log.clear()
    files.replace_folder(tmp_path / "tensor", NEW)
    names = {path.relative_to(tmp_path).as_posix() for path in log[:-1]}
    assert names == {f".tensor.part{name}" for name in ("", "/plots", "/plots/deep", *(f"/{name}" for name in NEW))}
    assert log[-1] == tmp_path


def test_no_folder_is_synced_on_windows(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_is_windows", lambda: True)
    opened, real = [], os.open
    monkeypatch.setattr(os, "open", lambda path, *more: opened.append(Path(path)) or real(path, *more))
    files.write(tmp_path / "state.json", b"new")
    assert [path.is_dir() for path in opened] == [False]
    files.replace_folder(tmp_path / "tensor", NEW)
    assert content(tmp_path / "tensor") == NEW


def test_a_file_system_that_syncs_no_folders(tmp_path, monkeypatch):
    sync = os.fsync

    def refuse(handle):
        if Path(f"/dev/fd/{handle}").resolve().is_dir():
            raise OSError(22, "Invalid argument")
        sync(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    files.write(tmp_path / "state.json", b"new")
    assert (tmp_path / "state.json").read_bytes() == b"new"


def test_a_backup_that_fails_leaves_nothing(tmp_path, monkeypatch):
    lay_out(tmp_path, {"own.ipynb": b"mine"})

    def full(*paths):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        files.keep(tmp_path / "own.ipynb", tmp_path / "backup.ipynb")
    assert [path.name for path in tmp_path.iterdir()] == ["own.ipynb"]


def test_threads_write_one_file_at_once(tmp_path):
    """Each writes a part of its own: none takes another's away."""
    path = tmp_path / "file"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: files.write(path, str(number) * 100), [*range(10)] * 10))
    assert path.read_text() in [str(number) * 100 for number in range(10)]
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_keeps_others_out_until_its_process_ends(tmp_path, monkeypatch):
    path = tmp_path / "lock"
    path.touch()
    program = f"from tito import files; from pathlib import Path\nwith files.locked(Path({str(path)!r})): print('in')"
    with files.locked(path):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert "BlockingIOError" in done.stderr
    killed = program.replace("print('in')", "import os; os.kill(os.getpid(), 9)")
    assert subprocess.run([sys.executable, "-c", killed]).returncode == -9
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "in\n"

    def no_locks(handle):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files, "_lock", no_locks)
    with files.locked(path):
        pass
