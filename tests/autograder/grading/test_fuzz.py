"""Valid submissions, each mangled in its own way: every one gets a score or one clear line, takes little memory and
little more time than an honest one, and nobody else's suffers. A thousand of them: --thorough."""

import json
import random
import shutil
import time
from pathlib import Path

import nbformat
import pytest

from autograder.engine.pool import Options
from autograder.grading.pipeline import grade_module
from autograder.judging.source import Source
from tito.workspace import Workspace

SEED, MANY, THOROUGH = 20261125, 60, 1_000
MOST_MB = 450  # beyond what this process has before: a grader that has just started has 150
FULL = {"check_double": 2, "check_normal": 3, "check_both": 4}
JUNK = [None, True, -1, 1e308, "", "x" * 1000, "\ud800", "\0", [], {}, [[]], {"a": {"b": []}}, "### BEGIN HIDDEN TESTS"]


def places(value, path=()):
    """The paths of everything in a nest of lists and dicts."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def parent(value, path):
    for key in path[:-1]:
        value = value[key]
    return value


def replaced(notebook, dice):
    path = dice.choice([path for path in places(notebook) if path])
    parent(notebook, path)[path[-1]] = dice.choice(JUNK)


def removed(notebook, dice):
    path = dice.choice([path for path in places(notebook) if path])
    del parent(notebook, path)[path[-1]]


def doubled(notebook, dice):
    cells = notebook["cells"]
    cells.insert(dice.randrange(len(cells) + 1), json.loads(json.dumps(dice.choice(cells))))


def shuffled(notebook, dice):
    dice.shuffle(notebook["cells"])


def turned(notebook, dice):
    dice.choice(notebook["cells"])["cell_type"] = dice.choice(["code", "markdown", "raw", "heading", 7])


def other_version(notebook, dice):
    notebook["nbformat"], notebook["nbformat_minor"] = dice.choice(
        [(3, 0), (4, 0), (4, 99), (5, 0), ("4", "5"), (4, None)]
    )


def lied(notebook, dice):
    cell = dice.choice(notebook["cells"])
    cell.setdefault("metadata", {})["nbgrader"] = dice.choice(
        [
            {"grade": True, "points": 10**9, "grade_id": "check_double"},
            {"grade_id": ["x"]},
            5,
            {"schema_version": "new"},
        ]
    )


IN_JSON = (replaced, removed, doubled, shuffled, turned, other_version, lied)


def cut(data, dice):
    return data[: dice.randrange(len(data))]


def flipped(data, dice):
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 20)):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def deep(data, dice):
    return b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def recoded(data, dice):
    return data.decode().encode(dice.choice(["utf-16", "utf-8-sig"]))


def pasted(data, dice):
    at = dice.randrange(len(data))
    return data[:at] + dice.choice([b"\0" * 50, b"NaN", b"\xff\xfe", data]) + data[at:]


IN_BYTES = (cut, flipped, deep, recoded, pasted)


def mangled(notebook, dice: random.Random) -> bytes:
    """The text of a submission in which something is wrong."""
    notebook = json.loads(nbformat.writes(notebook))
    if dice.random() < 0.03:
        crowded(notebook, dice)
        return json.dumps(notebook).encode()
    if dice.random() < 0.7:
        for change in dice.choices(IN_JSON, k=dice.randrange(1, 4)):
            try:
                change(notebook, dice)
            except (KeyError, TypeError, AttributeError, IndexError):  # an earlier change took away what it needs
                continue
        return json.dumps(notebook).encode()
    return dice.choice(IN_BYTES)(json.dumps(notebook).encode(), dice)


def crowded(notebook, dice):
    """Many cells, much text, many parts: near a limit, or beyond."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "1", "id": "x"}
    notebook["cells"] += dice.choice(
        [
            [cell] * dice.choice([500, 3_000]),
            [cell | {"cell_type": "raw", "source": "y\n" * dice.choice([10**6, 6 * 10**6])}],
            [cell | {"outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}] * 100_000}],
            [cell | {"metadata": {"x": [[]] * dice.choice([100_000, 2_000_000])}}],
        ]
    )


def memory(field: str) -> float:
    """Of this process, in MB: VmRSS now, VmHWM the most since it was last forgotten."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def graded(classroom) -> tuple[dict, float, float]:
    """student → result; the seconds of CPU each took this process, and the memory that it took at most, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    started, before = time.process_time(), memory("VmRSS")
    rows = {row.student: row for row in grade_module(Source.of(Workspace.find(), "setup"), options=Options(jobs=2))}
    return rows, (time.process_time() - started) / len(rows), memory("VmHWM") - before


@pytest.mark.needs("files")
def test_mangled_submissions(classroom, solved, hand_in, pytestconfig):
    many = THOROUGH if pytestconfig.getoption("thorough") else MANY
    dice = random.Random(SEED)
    for number in range(20):
        hand_in(classroom, f"h{number:02}", solved(extra=[str(number)]))
    _, honest, _ = graded(classroom)
    shutil.rmtree(classroom / "submitted")
    for number in range(many):
        folder = hand_in(classroom, f"s{number:04}", "")
        (folder / "setup_dev.ipynb").write_bytes(mangled(solved(), dice))
    hand_in(classroom, "ada", solved())
    rows, seconds, taken = graded(classroom)
    assert taken <= MOST_MB
    assert seconds <= 3 * honest
    assert len(rows) == many + 1
    assert rows.pop("ada").cells == FULL
    done = [row for row in rows.values() if row.trouble is None]
    assert all(0 <= row.score <= row.max_score == 9 for row in done)
    assert len(done) > many / 2
    unclear = {row.trouble for row in rows.values() if row.trouble and "setup_dev.ipynb" not in row.trouble}
    assert unclear <= {"The notebook is nested too deeply to be read."}
