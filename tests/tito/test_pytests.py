import pytest

from tito.pytests import run_tests

GOOD = "def test_a():\n    pass\n\n\ndef test_b():\n    pass\n"


def result(home, text, seconds=300):
    path = home / "tests/test_setup.py"
    path.write_text(text)
    return run_tests(path, home.root, seconds)


def test_passed(home):
    told = "def test_d(record_property):\n    record_property('note', '2 s')\n    record_property('else', '3 s')\n"
    tests = result(home, f"import pytest\n{GOOD}\n\n@pytest.mark.skip\ndef test_c():\n    pass\n\n\n{told}")
    assert (tests.ok, tests.what, tests.passed, tests.skipped) == (True, "tests/test_setup.py", 3, 1)
    assert tests.notes == ["2 s"]


def test_options_of_ones_own_are_left_aside(home, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--numprocesses=4 --cov=tinytorch")
    assert result(home, GOOD).ok


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("", "tests/test_setup.py", "no test was run"),
        ("x = 1\n", "tests/test_setup.py", "no test was run"),
        ("import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    pass\n", "tests/test_setup.py", "no test was run"),
        ("def test_a():\n    assert 1 == 2, 'one [is] two'\n", "test_a", "AssertionError: one [is] two"),
        (
            "import pytest\n\n\ndef test_a():\n    with pytest.raises(ValueError, match='14'):\n        int('x')\n",
            "test_a",
            "AssertionError: Regex pattern did not match. "
            "Expected regex: '14' Actual message: \"invalid literal for int() with base 10: 'x'\"",
        ),
        ("import nothing\n", "tests.test_setup", "ModuleNotFoundError: No module named 'nothing'"),
        ("def test_a(:\n", "tests.test_setup", "SyntaxError: invalid syntax"),
        ("import os\nos._exit(0)\n", "tests/test_setup.py", "no test was run"),
        ("import os\nos._exit(7)\n", "tests/test_setup.py", "pytest stopped: exit code 7"),
    ],
)
def test_not_passed(home, text, name, message):
    tests = result(home, text)
    assert not tests.ok
    assert tests.failures == [(name, message)]
    assert tests.json()["ok"] is False


STUBS = """\
def free():
    raise NotImplementedError()


class Linear:
    def __init__(self):
        # YOUR CODE HERE
        raise NotImplementedError()


def uses_free():
    return free()
"""
WAITING = """\
import pytest
from tinytorch.core import setup


@pytest.mark.parametrize("n", range(3))
def test_free(n):
    with pytest.raises(ValueError):
        setup.free()


def test_uses():
    setup.uses_free()


def test_linear():
    setup.Linear()


def test_later():
    raise NotImplementedError("later")
"""


def test_what_is_not_written_is_counted_and_named(home):
    path = home / "tinytorch/core/setup.py"
    path.parent.mkdir(parents=True)
    path.write_text(STUBS)
    tests = result(home, WAITING)
    assert tests.waiting == {"free": 4, "Linear.__init__": 1}
    assert tests.failures == [("test_later", "NotImplementedError: later")]
    assert not tests.ok


def test_waiting_is_not_passing(home):
    tests = result(home, f"{GOOD}\n\ndef test_c():\n    raise NotImplementedError\n")
    assert (tests.passed, tests.failures, tests.ok) == (2, [], False)


def test_a_file_that_is_not_there(home):
    tests = run_tests(home / "tests/test_nothing.py", home.root, 300)
    assert tests.failures == [("tests/test_nothing.py", "is missing")]


def test_too_slow(home):
    tests = result(home, "def test_a():\n    while True:\n        pass\n", seconds=2)
    assert tests.failures == [("tests/test_setup.py", "took longer than 2 s")]


def test_the_workspaces_package_is_imported(home):
    home.solve("setup")
    home.tito("sync")
    path = home / "tinytorch/core/setup.py"
    tests = result(
        home, f"from tinytorch.core import setup\n\n\ndef test_a():\n    assert setup.__file__ == {str(path)!r}\n"
    )
    assert tests.ok, tests.failures


def test_a_slow_computer_fails_no_property(tmp_path):
    (tmp_path / "test_slow.py").write_text(
        "import time\nfrom hypothesis import given, settings, strategies as st\n\n\n"
        "@settings(max_examples=2)\n@given(st.integers())\ndef test_it(x):\n    time.sleep(0.3)\n"
    )
    done = run_tests(tmp_path / "test_slow.py", tmp_path, 300)
    assert (done.passed, done.failures) == (1, [])
