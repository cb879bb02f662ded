"""What is kept of the source's run: under a key that holds all it depends on, and made anew where it is damaged."""

import gzip
import json
import platform
import shutil

import numpy as np
import pytest

from autograder.judging import expected as module
from autograder.judging import jobs
from autograder.judging.expected import expected
from autograder.judging.jobs import job_of, key_of
from autograder.judging.source import Source
from tito.notebooks import grade_id
from tito.workspace import Workspace

SEED = 11


@pytest.fixture
def own(course, tmp_path):
    """A function that opens the small course's source, in a folder of the test's own."""
    shutil.copytree(course, tmp_path / "course", ignore=shutil.ignore_patterns(".cache"))
    return lambda: Source.of(Workspace.find(tmp_path / "course"), "setup")


def kept(source):
    (path,) = (source.workspace.root / ".cache" / "expected").glob("*.json.gz")
    return path


DAMAGES = {
    "empty": lambda content: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "without its end": lambda content: content[:-1],
    "another byte": lambda content: content[:50] + bytes([content[50] ^ 1]) + content[51:],
    "zeros, as after a power cut": lambda content: bytes(len(content)),
    "no gzip": lambda content: b"expected values",
    "no JSON": lambda content: gzip.compress(b"{"),
    "no text": lambda content: gzip.compress(b"\xff\xfe"),
    "another JSON": lambda content: gzip.compress(b"[1, 2]"),
    "a run of another form": lambda content: gzip.compress(json.dumps({"answers": {}}).encode()),
    "null": lambda content: gzip.compress(b"null"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_made_anew(own, damage):
    source = own()
    right = expected(source, SEED).emissions
    path = kept(source)
    path.write_bytes(damage(path.read_bytes()))
    assert expected(own(), SEED).emissions == right
    assert json.loads(gzip.decompress(kept(source).read_bytes()))["emissions"] == right
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_what_is_kept_is_used(own, monkeypatch):
    right = expected(own(), SEED).emissions
    monkeypatch.setattr(module, "run_own", None)
    assert expected(own(), SEED).emissions == right


CONDITIONS = {
    "the format": lambda patch: patch.setattr(jobs, "FORMAT", jobs.FORMAT + 1),
    "Python": lambda patch: patch.setattr(platform, "python_version", lambda: "3.99.0"),
    "numpy": lambda patch: patch.setattr(np, "__version__", "9.9"),
    "the grader": lambda patch: patch.setattr(jobs, "_grader", lambda: "another"),
}


@pytest.mark.parametrize("change", CONDITIONS.values(), ids=CONDITIONS)
def test_the_key_holds(own, monkeypatch, change):
    source = own()
    job = job_of(source.notebook, source, SEED, source.files)
    before = key_of(job)
    assert key_of(job) == before
    change(monkeypatch)
    assert key_of(job) != before


@pytest.mark.parametrize("path", ["engine/process.py", "engine/new.py", "judging/judge.py", "judging/cells.py"])
def test_the_graders_text_counts(tmp_path, monkeypatch, path):
    shutil.copytree(jobs.Path(jobs.__file__).parents[1], tmp_path / "autograder")
    monkeypatch.setattr(jobs, "__file__", str(tmp_path / "autograder" / "judging" / "jobs.py"))
    before = jobs._grader.__wrapped__()
    with (tmp_path / "autograder" / path).open("a") as file:
        file.write("\n# another line\n")
    assert jobs._grader.__wrapped__() != before


def test_the_version_of_a_module_holds_what_judges_read(own):
    found = [own().version]
    source = own()
    (source.folder / "_labels.npy").write_bytes(b"1")
    found.append(own().version)
    (source.folder / "_labels.npy").write_bytes(b"2")
    found.append(own().version)
    (source.folder / "_more").mkdir()
    (source.folder / "_more" / "labels.npy").write_bytes(b"3")
    found.append(own().version)
    source = own()
    next(cell for cell in source.cells if grade_id(cell) == "check_normal").metadata["tags"] = ["partial"]
    found.append(source.version)
    assert len(set(found)) == 5
