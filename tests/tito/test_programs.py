import ast
import sys
from pathlib import Path

import pytest

import tito
from tito import programs
from tito.workspace import ToolFailed, UserError


def test_output_is_utf_8_whatever_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    monkeypatch.setenv("PYTHONUTF8", "0")
    answer = programs.python(
        tmp_path, "-c", "import sys; print('Größe'); sys.stderr.write('größer'); sys.exit(3)", seconds=300
    )
    assert (answer.code, answer.out, answer.err) == (3, "Größe", "größer")


def test_bytes_that_are_no_text(tmp_path):
    answer = programs.python(tmp_path, "-c", r"import sys; sys.stdout.buffer.write(b'a\xff\0b\xfc')", seconds=300)
    assert answer.raw == b"a\xff\0b\xfc"
    assert answer.out == "a\ufffd\0b\ufffd"
    assert [name.encode(sys.getfilesystemencoding(), "surrogateescape") for name in answer.names] == [
        b"a\xff",
        b"b\xfc",
    ]


def test_no_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="git is not installed") as raised:
        programs.git(tmp_path, "status")
    assert (raised.value.code, ToolFailed.code) == (2, 3)


def test_a_letter_that_the_locale_lacks(tmp_path, monkeypatch):
    def run(command, **_):
        " ".join(command).encode("ascii")

    monkeypatch.setattr("tito.programs.subprocess.run", run)
    with pytest.raises(UserError, match=r"no letter '\\xdc'. First: export PYTHONUTF8=1"):
        programs.git(tmp_path, "commit", "-m", "Über alles")


def test_git_that_fails(tmp_path):
    with pytest.raises(ToolFailed, match=r"git failed: git log --oneline\nfatal: not a git repository"):
        programs.git(tmp_path, "log", "--oneline")
    assert programs.git(tmp_path, "log", may_fail=True).code == 128


def test_what_a_hook_knows_of_its_repository_is_not_about_another(tmp_path, monkeypatch):
    """As for `tito kit` in a hook of the course: its files would be committed there."""
    other, here = tmp_path / "other", tmp_path / "here"
    for folder in (other, here):
        folder.mkdir()
        programs.git(folder, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    (here / "mine").write_text("")
    programs.git(here, "add", "--all")
    assert programs.git(here, "ls-files").out == "mine"
    assert not (other / ".git" / "index").exists()


def test_git_that_never_ends(tmp_path, monkeypatch):
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(programs, "GIT_SECONDS", 0.2)
    with pytest.raises(ToolFailed, match=r"git took longer than 0.2 s: git pull"):
        programs.git(tmp_path, "pull", may_fail=True)


ROOT = Path(tito.__file__).parents[1]
TEXT_FILES = {"open", "read_text", "write_text", "run", "Popen"}  # run and Popen: of subprocess


def without_encoding(path):
    """The calls in a file that leave it to the machine in which encoding a text is."""
    for call in ast.walk(ast.parse(path.read_bytes())):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        stated = {word.arg for word in call.keywords} & {"encoding", None}  # None: **options
        stated = stated or (name == "read_text" and call.args)  # a path's encoding; a package's file, always UTF-8
        mode = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and "b" in str(arg.value)]
        other = isinstance(owner, ast.Name) and owner.id in ("os", "gzip", "tarfile", "direct", "asyncio")
        text = name not in ("run", "Popen") or {"text", "universal_newlines"} & {word.arg for word in call.keywords}
        if name in TEXT_FILES and text and not (stated or mode or other):
            yield f"{path.relative_to(ROOT)}, line {call.lineno}: {name}"


def test_what_students_run_never_leaves_an_encoding_to_the_machine():
    folders = (ROOT / name for name in ("tito", "bin", "student", "source"))
    assert [call for folder in folders for path in folder.rglob("*.py") for call in without_encoding(path)] == []


def sources():
    folder = Path(tito.__file__).parent
    return [path for path in folder.rglob("*.py") if path.relative_to(folder).parts[0] not in ("draw", "milestones")]


def test_no_other_file_calls_programs():
    """So that an encoding and a time limit are never forgotten."""
    users = [
        path.name for path in sources() if "subprocess" in path.read_text(encoding="utf-8").replace(".subprocess", "")
    ]
    assert users == ["programs.py"]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_every_public_function_says_what_it_does(path):
    nodes = ast.walk(ast.parse(path.read_bytes()))
    named = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    inner = {
        child for node in named if not isinstance(node, ast.ClassDef) for child in ast.walk(node) if child is not node
    }
    public = [node for node in named if not node.name.startswith("_") and node not in inner]
    assert [node.name for node in public if not ast.get_docstring(node)] == []
