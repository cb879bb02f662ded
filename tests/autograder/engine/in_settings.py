"""Try settings of settings.py, one after the other: what a submission finds in each, and what becomes of a class.

python in_settings.py FONTS COURSE reads a list of words from each line, and writes a line of JSON for it. A process
that is forked from this one enters the setting, so that nothing is imported twice.

FONTS: a folder with matplotlib's list of fonts
COURSE: a course with submissions of setup; {ROOT} and {PID} in them become the course's folder and the grader's number
"""

import contextlib
import io
import json
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import traceback

from settings import WORDS

import tito
import tito.cli
from autograder.commands import grade  # noqa: F401  (else each setting would import it)
from autograder.engine import execute, process, sandbox
from autograder.engine.execute import Job
from tito.limits import Limits

HERE = pathlib.Path(__file__).parent
LIMITS = Limits(cell_seconds=60, notebook_seconds=120, memory_mb=1000)


def found_by_a_submission(home: pathlib.Path) -> dict:
    """Which doors stand open for a submission, beside another that leaves tokens; whether the grader is unharmed."""
    mine = home / "gradebook.db"
    mine.write_text("1")
    os.utime(mine, (1, 1))
    mine.chmod(0o644)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "socket"))
        listener.listen()
        listener.setblocking(False)
        got = sandbox.why_open() or _doors(home)
        try:
            visitor = bool(listener.accept())
        except BlockingIOError:
            visitor = False
    found = mine.stat()
    return {"got": got, "unharmed": found.st_mode & 0o777 == 0o644 and found.st_mtime == 1 and not visitor}


def _doors(home: pathlib.Path) -> str:
    checks = pathlib.Path(tito.__file__).with_name("checks.py").read_bytes()
    job = Job((), {}, {"tito/__init__.py": b"", "tito/checks.py": checks}, 7, LIMITS)
    places = [pathlib.Path(tempfile.mkdtemp(dir=process.home())) for _ in range(2)]
    leaves, holes = (_filled_in((HERE / name).read_text(), home) for name in ("leaves_tokens.py", "holes.py"))
    with execute._process_of(job, places[0]) as one, execute._process_of(job, places[1]) as other:
        left = one.run(leaves, 60)
        found = other.run(holes, 60)
        assert left == ([], None, None), left
    return found[0][0]["value"] if found[0] else str(found[1:])


def _filled_in(text: str, folder: pathlib.Path) -> str:
    words = {"PID": os.getpid(), "HOME": folder, "ROOT": folder}
    for word, value in words.items():
        text = text.replace("{" + word + "}", str(value))
    return text


def class_graded(course: pathlib.Path, folder: pathlib.Path) -> dict:
    """What `tito grade` says and ends with, and student → points of each cell."""
    shutil.copytree(course, folder)
    for notebook in folder.glob("submitted/*/*/*.ipynb"):
        notebook.write_text(_filled_in(notebook.read_text(), folder))
    os.chdir(folder)
    code, said = _command("grade", "setup")
    _, rows = _command("grade", "setup", "--json") if code == 0 else (0, "[]")
    return {
        "code": code,
        "said": " ".join(said.split()),
        "cells": {row["student"]: row["cells"] for row in json.loads(rows)},
    }


def _command(*arguments: str) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            tito.cli.main(list(arguments))
        except SystemExit as end:
            return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def tried(words: list[str], course: pathlib.Path) -> dict:
    """All that is found out in a setting. This process does not leave it again."""
    for word in words:
        WORDS[word]()
    with tempfile.TemporaryDirectory() as home:
        found = {"absent": sandbox.absent(), **found_by_a_submission(pathlib.Path(home))}
        found |= {"class": class_graded(course, pathlib.Path(home, "course"))}
        os.chdir("/")
        if not sandbox.why_open():
            process._zygote().close()
        shutil.rmtree(process.home())
    return found


def main(fonts: str, course: pathlib.Path) -> None:
    """Answer each line of standard input: null where a setting could not be tried."""
    os.environ |= {"MPLCONFIGDIR": fonts, "COLUMNS": "1000"}
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _answer_and_end(json.loads(line), course)
        if os.waitpid(child, 0)[1]:
            print("null", flush=True)


def _answer_and_end(words: list[str], course: pathlib.Path) -> None:
    code = 1
    try:
        print(json.dumps(tried(words, course)), flush=True)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
