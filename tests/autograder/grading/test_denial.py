"""What would use up the grader, or act in its terminal, ends in a row that says so, and harms nobody."""

import copy
import json
import os

import pytest

from autograder.judging.judge import judge
from tito.console import CONTROL

FULL = {"check_double": 2, "check_normal": 3, "check_both": 4}
NASTY = "\x1b]0;owned\x07\x1b[2J\u202e[bold]"


def many(notebook, count, **cell):
    made = copy.deepcopy(notebook)
    made["cells"] += [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, **cell}] * count
    return made


@pytest.mark.needs("files")
def test_each_is_refused_in_its_own_row(classroom, solved, hand_in, tito, monkeypatch):
    base = json.loads(json.dumps(solved()))
    nasty = copy.deepcopy(base) | {"nbformat": NASTY}
    named = many(base, 1, source="raise type(chr(27), (Exception,), {})", id="x" + NASTY)
    parts = b'{"nbformat": 4, "metadata": {"x": [' + b"[]," * 400_000 + b'[]]}, "cells": []}'
    handed = {
        "ada": (base, None),
        "equal-ids": (many(base, 4_000, source="1", id="same"), "cells, more than 2,000"),
        "cells": (many(base, 100_000, source="1"), "more than 500,000 parts"),
        "text": (many(base, 11, source="x = 1\n" * 200_000), "more than 10,000,000 characters in its cells"),
        "parts": (parts, "more than 500,000 parts"),
        "large": (b"", "setup_dev.ipynb is larger than 50 MB"),
        "pipe": (base, "data is a pipe"),
        "escapes": (nasty, "is in notebook format"),
        "named": (named, None),
        "memory": (json.loads(json.dumps(solved({"double": "def double(x):\n    return 4711"}))), "MemoryError"),
        f"name{NASTY}": (b"{", "can't be a student's id"),
    }
    for student, (notebook, _) in handed.items():
        path = hand_in(classroom, student, "") / "setup_dev.ipynb"
        path.write_bytes(notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode())
    os.truncate(classroom / "submitted/large/setup/setup_dev.ipynb", 200_000_000)
    os.mkfifo(classroom / "submitted/pipe/setup/data")
    (classroom / f"submitted/ada/setup/{NASTY}.txt").write_text("")

    def judged(source, wanted, emitted, *rest):
        if "4711" in json.dumps(emitted.get("check_double")):
            raise MemoryError
        return judge(source, wanted, emitted, *rest)

    monkeypatch.setattr("autograder.judging.step.judge", judged)
    rows = {row["student"]: row for row in json.loads(tito("grade", "setup", "--json")[1])}
    for student, (_, said) in handed.items():
        if said is None:
            assert rows[student]["cells"] == FULL, rows[student]
        else:
            assert said in (rows[student]["trouble"] or ""), student
    code, out, err = tito("grade", "setup")
    assert code == 1
    assert not CONTROL.search(out)
    assert not CONTROL.search(err)
