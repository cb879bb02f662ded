"""What is said of protections that a machine lacks, and what goes on without them."""

import errno
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.commands.demo import isolated_where_possible
from autograder.engine import landlock, namespaces, sandbox, seccomp
from autograder.engine.pool import HERE
from autograder.judging.expected import expected
from autograder.judging.source import Source
from tito.workspace import UserError

ROOT = Path(__file__).resolve().parents[3]


def test_a_machine_without_a_table_of_calls_says_so(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(NotImplementedError, match="no table of system calls for riscv64"):
        seccomp.make(seccomp.Setting())


@pytest.mark.parametrize("answer", sandbox.NO_LANDLOCK)
def test_where_there_is_no_landlock_the_reason_is_the_kernels(monkeypatch, answer):
    def version():
        raise OSError(answer, os.strerror(answer), "Landlock")

    monkeypatch.setattr(landlock, "version", version)
    assert sandbox._landlock() == (0, f"{sandbox.NO_LANDLOCK[answer]} ({errno.errorcode[answer]})")


def test_links_on_the_way_are_followed_and_kept(tmp_path):
    """A Python of uv, say: a folder that is a link, to a folder with a link in it."""
    (tmp_path / "python-3.12.8" / "bin").mkdir(parents=True)
    (tmp_path / "python-3.12.8" / "bin" / "python3.12").touch()
    (tmp_path / "python-3.12").symlink_to("python-3.12.8")
    (tmp_path / "python").symlink_to(tmp_path / "python-3.12" / "bin" / ".." / "bin" / "python3.12")
    links = {}
    real = str((tmp_path / "python-3.12.8" / "bin" / "python3.12").resolve())
    assert namespaces._followed(str(tmp_path / "python"), links) == real
    assert set(links) >= {str(tmp_path / "python"), str(tmp_path / "python-3.12")}


@pytest.mark.needs("files")
def test_landlock_leaves_what_is_allowed(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "secret").write_text("secret")
    text = (
        "import os, sys; from pathlib import Path; from autograder.engine import landlock\n"
        "landlock.restrict({sys.argv[1] + '/here': landlock.every(landlock.EXECUTE)})\n"
        "Path(sys.argv[1], 'here', 'file').write_text('mine')\n"
        "os.mkdir(sys.argv[1] + '/here/folder')\n"
        "print(Path(sys.argv[1], 'here', 'file').read_text())\n"
        "Path(sys.argv[1], 'secret').read_text()"
    )
    done = subprocess.run([sys.executable, "-c", text, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "mine\n"
    assert "PermissionError" in done.stderr


# --- a machine that can't keep submissions from its files -------------------------------------------

WHY = "this kernel has no Landlock, which Linux 5.13 or newer has (ENOSYS)"


@pytest.fixture
def open_machine(monkeypatch):
    monkeypatch.setattr(sandbox, "absent", lambda: {sandbox.FILES: WHY})


def test_grading_is_refused_and_the_reason_named(open_machine, classroom, hand_in, solved, tito):
    hand_in(classroom, "ada", solved())
    code, _, said = tito("grade", "setup")
    assert code != 0
    assert WHY in said
    assert "--no-isolation" in said
    assert tito("grade", "setup", "--no-isolation")[0] == 0


def test_the_courses_own_source_runs_all_the_same(open_machine, source):
    assert expected(Source(source.workspace, "setup"), 11).emissions


def test_the_demonstration_says_why_and_goes_on(open_machine, capsys):
    assert not isolated_where_possible(HERE).isolated
    assert f"Submissions are not shut in here: {WHY}." in " ".join(capsys.readouterr().out.split())


def test_where_submissions_are_shut_in_the_demonstration_says_nothing(monkeypatch, capsys):
    monkeypatch.setattr(sandbox, "absent", dict)
    assert isolated_where_possible(HERE) == HERE
    assert capsys.readouterr().out == ""


def test_info_names_what_is_there_and_why_the_rest_is_not(open_machine, classroom, tito):
    _, said, _ = tito("info")
    assert f"Not: files: {sandbox.WITHOUT[sandbox.FILES]}, for {WHY}." in " ".join(said.split())


def test_refusing(open_machine):
    with pytest.raises(UserError, match="ENOSYS"):
        sandbox.refuse_if_open()
