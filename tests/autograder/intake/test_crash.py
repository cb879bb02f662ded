"""`tito collect`, stopped at each of its writes: nothing is lost, and a second run ends as an undisturbed one."""

import gc
import os
import shutil
from contextlib import ExitStack

import nbformat
import pytest

from autograder.deadlines.deadlines import Deadlines
from autograder.intake.archives import listing
from autograder.intake.collect import Collection
from autograder.intake.roster import Roster
from autograder.intake.submitted import submissions
from autograder.judging.source import Source
from tests.autograder.intake.test_collect import exchange, packed
from tito import files
from tito.workspace import Workspace

SEAM = [(files, "_write_through"), (files, "_sync_folder"), (files.os, "rename"), (files.shutil, "rmtree")]


@pytest.fixture(scope="module")
def before(released, tmp_path_factory, solved):
    """A course in which Ada has handed in, and a zip with newer work of hers and the first of Cleo's."""
    root = tmp_path_factory.mktemp("crash")
    shutil.copytree(released, root / "course")

    def notebook(word):
        return nbformat.writes(solved(extra=[word]))

    given = {}
    for student in ("ada", "cleo"):
        given |= exchange(notebook, "25 10:00:00.5", student=student)
        folder = next(iter(given)).partition("/")[0].replace("ada", student)
        given[f"{folder}/data/table.csv"] = student
        if student != "cleo":
            lies = root / "course" / "submitted" / student / "setup"
            lies.mkdir(parents=True)
            (lies / "setup_dev.ipynb").write_text(notebook(f"'old {student}'"))
    (root / "given.zip").write_bytes(packed(given))
    return root


def lying(root, *names):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for name in names
        for path in (root / name).rglob("*")
        if path.is_file() and path.name != ".gitignore"
    }


def collect(given):
    """What `tito collect` does between reading the roster and printing its table."""
    source = Source.of(Workspace.find(), "setup")
    collection = Collection(source, Roster([]), Deadlines.of(source.workspace))
    with ExitStack() as stack:
        for student, items in collection.sort(list(listing(given, stack))).items():
            collection.take(student, items)
    return collection.rows


def collect_in_a_child(root, given, stop_at, how):
    """Collect in a process of its own, which ends at its `stop_at`th write. Returns its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 99
    try:
        gc.disable()  # a collection would touch, and so copy, all that the tests' process holds
        os.chdir(root)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        left = [stop_at]
        files.os.fsync = lambda handle: None  # a process that ends leaves its writes to the system

        def counted(real):
            def write(*arguments, **named):
                left[0] -= 1
                if left[0] == 0 and how == "killed":
                    os._exit(9)
                if left[0] == 0:
                    raise OSError(28, "No space left on device") if how == "full" else KeyboardInterrupt
                return real(*arguments, **named)

            return write

        for where, name in SEAM:
            setattr(where, name, counted(getattr(where, name)))
        rows = collect(given)
        code = int(any(row.trouble for row in rows)) if left[0] <= 0 else 42  # it never came so far
    except KeyboardInterrupt:
        code = 130
    finally:
        os._exit(code)


def run(before, tmp_path, stop_at, how):
    if not (tmp_path / "course").exists():
        shutil.copytree(before / "course", tmp_path / "course")
    for name in ("submitted", "replaced"):
        shutil.rmtree(tmp_path / "course" / name, ignore_errors=True)
    shutil.copytree(before / "course" / "submitted", tmp_path / "course" / "submitted")
    return collect_in_a_child(tmp_path / "course", before / "given.zip", stop_at, how)


@pytest.mark.parametrize("how", ["killed", "interrupted", "full"])
def test_stopped_at_each_write(before, tmp_path, how):
    assert run(before, tmp_path, 10**6, how) == 42
    root = tmp_path / "course"
    done = lying(root, "submitted", "replaced")
    assert "old ada" in done["replaced/ada/setup-1/setup_dev.ipynb"].decode()
    old = lying(before / "course", "submitted")
    step, stopped = (1, 0) if how == "killed" else (4, 0)
    for stop_at in range(1, 10**6, step):
        code = run(before, tmp_path, stop_at, how)
        if code == 42:
            break
        stopped += 1
        assert code == {"killed": 9, "interrupted": 130, "full": 1}[how]
        everything = set(lying(root, "submitted", "replaced").values())
        assert everything >= set(old.values()), f"write {stop_at}: something of before is lost"
        folders = submissions(Source.of(Workspace.find(root), "setup"))
        assert "ada" in folders, f"write {stop_at}: grading would not see her"
        for folder in folders.values():
            found = lying(folder, ".")
            whole = [lying(base / "submitted" / folder.parent.name / "setup", ".") for base in (before / "course",)]
            new = {
                name.split("/", 3)[3]: content
                for name, content in done.items()
                if f"submitted/{folder.parent.name}/" in name
            }
            assert found in [*whole, new], f"write {stop_at}: half a submission"
        assert collect_in_a_child(root, before / "given.zip", 10**6, "killed") == 42
        assert lying(root, "submitted", "replaced") == done, f"write {stop_at}: another end"
    assert stopped > 20 // step
