"""What somebody names to be written: a file is made, a pipe or a device takes it, and all else is refused in time."""

import os
import sys
import threading
from pathlib import Path

import pytest

from tito import targets
from tito.workspace import UserError

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has neither such names nor named pipes")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a file and a folder, in which somebody is."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "old").write_text("old")
    (tmp_path / "link").symlink_to("old")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("named", ["new", "old", "link", "folder/new", "missing/too/new", "folder/../new"])
def test_a_file_is_made_with_the_folders_on_the_way(place, named):
    path = targets.file_at(Path(named))
    assert path.is_absolute()
    targets.put(path, "grade,1\n", private=True)
    assert (place / named).read_text() == "grade,1\n"
    assert (place / "link").is_symlink()


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("folder", "folder is a folder. Name a file: folder/NAME"),
        (".", "is a folder"),
        ("old/new", "old is not a folder. Name another file."),
        ("old/a/b/new", "old is not a folder. Name another file."),
        ("closed/new", "you may not write in"),
        ("closed/a/new", "you may not write in"),
    ],
)
def test_what_can_not_be_a_file_is_refused_before_any_work(place, monkeypatch, named, said):
    (place / "closed").mkdir()
    real = os.access  # root may write everywhere
    monkeypatch.setattr(os, "access", lambda path, mode: real(path, mode) and "closed" not in str(path))
    with pytest.raises(UserError) as raised:
        targets.file_at(Path(named))
    assert said in str(raised.value).replace(os.sep, "/")
    assert (place / "old").read_text() == "old"


def test_a_folder_for_files_is_one_or_can_be_made(place):
    assert targets.folder_at(place / "folder" / "new") == place / "folder" / "new"
    for named in ("old", "old/new"):
        with pytest.raises(UserError, match=r"old is not a folder\. Name another folder"):
            targets.folder_at(place / named)


@POSIX
def test_a_pipe_takes_it_and_stays(place):
    os.mkfifo("pipe")
    path = targets.file_at(Path("pipe"))
    taken = []
    reader = threading.Thread(daemon=True, target=lambda: taken.append((place / "pipe").read_text()))
    reader.start()
    targets.put(path, "grade,1\n")
    reader.join(20)
    assert (taken, (place / "pipe").is_fifo()) == (["grade,1\n"], True)


@POSIX
def test_a_reader_who_leaves_early_is_no_failure(place):
    os.mkfifo("pipe")
    reader = threading.Thread(daemon=True, target=lambda: os.close(os.open("pipe", os.O_RDONLY)))
    reader.start()
    targets.put(place / "pipe", b"x" * 10_000_000)
    reader.join(20)


@POSIX
def test_a_device_stays_a_device(tmp_path):
    targets.put(targets.file_at(Path(os.devnull)), "grade,1\n", private=True)
    assert Path(os.devnull).is_char_device()


@POSIX
@pytest.mark.parametrize("named", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_gets_the_file_and_no_word_about_it(tmp_path, capsys, named):
    path = targets.file_at(Path(named))
    print("before")
    targets.put(path, "grade,1\n")
    targets.teller(path)(f"Wrote {path}")
    out, err = capsys.readouterr()
    assert (out, err) == ("before\ngrade,1\n", f"Wrote {named}\n")


@POSIX
def test_what_is_closed_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(UserError, match="/dev/stdout can't be written"):
        targets.file_at(Path("/dev/stdout"))
