"""What tito doctor finds missing, one thing at a time, and that it changes nothing."""

import json
import os
import shutil

import pytest

from autograder.commands import doctor as command
from tests.autograder.gradebook.test_stops import with_exchange


@pytest.fixture
def healthy(released, own_copy, monkeypatch, tmp_path):
    """A course that lacks nothing: an exchange, and a configuration that nbgrader finds from any folder."""
    root = with_exchange(own_copy(released))
    root.chmod(0o700)
    config = tmp_path / "config"
    config.mkdir()
    (config / "nbgrader_config.py").write_text(f"load_subconfig({str(root / 'nbgrader_config.py')!r})\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(config))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(command.sandbox, "absent", dict)
    return root


def findings(tito):
    """Exit code, and what is to be done: about → (text, help)."""
    code, said, _ = tito("doctor", "--json")
    return code, {one["about"]: (one["text"], one["help"]) for one in json.loads(said) if one["help"]}


def files_of(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_course_that_lacks_nothing(healthy, tito):
    before = files_of(healthy)
    assert findings(tito) == (0, {})
    code, said, _ = tito("doctor")
    assert (code, "nobody else may open" in said, "✗" in said) == (0, True, False)
    assert files_of(healthy) == before


@pytest.mark.parametrize(
    ("break_", "about", "said"),
    [
        (lambda root, _: root.chmod(0o755), "folder", "chmod 700"),
        (lambda root, _: root.chmod(0o710), "folder", "chmod 700"),
        (lambda root, _: shutil.rmtree(root / "exchange"), "exchange", "mkdir -p"),
        (lambda root, _: (root / "exchange").chmod(0o755), "exchange", "chmod 1777"),
        (lambda root, _: (root / "gradebook.db").unlink(), "database", "tito release"),
        (lambda root, _: (root / "gradebook.db").write_bytes(b"no database" * 1000), "database", ""),
        (lambda _, patch: patch.setenv("TINYTORCH_GRADEBOOK", ELSEWHERE), "database", "start the database"),
        (lambda _, patch: patch.setenv("JUPYTER_CONFIG_DIR", os.devnull), "configuration", "load_subconfig"),
        (lambda _, patch: patch.setattr(command, "LITTLE", 10**30), "disk", "make room"),
        (lambda _, patch: patch.setattr(command.sandbox, "absent", lambda: {"files": "why"}), "isolation", "lacks"),
    ],
)
def test_what_is_missing_is_named_alone(healthy, tito, monkeypatch, break_, about, said):
    break_(healthy, monkeypatch)
    code, found = findings(tito)
    assert (code, list(found)) == (1, [about])
    assert said in found[about][1]
    assert "secret" not in str(found)


ELSEWHERE = "postgresql+psycopg://tinytorch:secret@127.0.0.1:9/none"
