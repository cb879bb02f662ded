import base64
import json
import math
import subprocess
import sys
import tracemalloc
from collections import Counter
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tito import checks
from tito.checks import CheckFailed, difference, outcome, plain, show, unplain


class Box:
    """As much of a Tensor as a check looks at."""

    def __init__(self, data):
        self.data = np.asarray(data)


def fails(call, *arguments, **options):
    with pytest.raises(CheckFailed) as caught:
        call(*arguments, **options)
    return str(caught.value)


def differs(want, got, **options):
    return difference(plain(want), plain(got), **options)


# --- what a student sees ---------------------------------------------------------------------


def test_what_holds_is_said(capsys):
    checks.close("thirds", 1 / 3, 0.33333)
    checks.equal("a name", "Ada", "Ada")
    checks.raises("no text", TypeError, lambda: len(3))
    assert capsys.readouterr().out == "ok  thirds\nok  a name\nok  no text\n"


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (Box([1.0, 2.0]), [1, 2]),
        (np.float32(2), 2),
        (np.array(2.0), 2.0),
        ([[1.0], [2.0]], np.array([[1], [2]])),
        (lambda: [1.0, 2.0], (1, 2)),
        (np.nan, np.nan),
        (np.inf, np.inf),
        (1 + 1e-9j, 1 + 0j),
        ([], []),
    ],
)
def test_close(got, want):
    checks.close("same", got, want)


@pytest.mark.parametrize(
    ("got", "want", "reason"),
    [
        (1.01, 1.0, "the value differs"),
        ([1.0, 2.5, 3.0], [1.0, 2.0, 3.0], "1 of 3 values differ, first at index 1: expected 2., got 2.5"),
        (np.ones((2, 3)), np.zeros((2, 3)), "6 of 6 values differ, first at (0, 0): expected 0., got 1."),
        (np.ones((3, 1)), np.ones(3), "shape (3, 1) instead of (3,)"),
        (np.nan, 1.0, "the value differs"),
        (-np.inf, np.inf, "the value differs"),
        (None, 1.0, "None came: is a `return` missing?"),
        ("1", 1.0, "a string instead of a number"),
        (1e-3, 0.0, "the value differs"),
        ([1.0, [2.0]], [1.0, 2.0], "the value at index 1 is [2.0] instead of 2."),
    ],
)
def test_not_close(got, want, reason):
    message = fails(checks.close, "the name", got, want)
    assert message.startswith("the name\n  expected  ")
    assert "\n  got       " in message
    assert message.endswith(reason)


def test_tolerances():
    checks.close("rtol", 1.1, 1.0, rtol=0.2)
    checks.close("atol", 1e-3, 0.0, atol=1e-2)
    fails(checks.close, "tight", 1.0001, 1.0, rtol=1e-6, atol=0)
    checks.close("relative to the median", [1000.0, 0.05], [1000.0, 0.0])
    fails(checks.close, "relative to the median", [1.0, 0.05], [1.0, 0.0])


def test_numbers_of_a_list_are_shown_as_those_of_an_array():
    message = fails(checks.close, "sums", [2.0, 9.0], [2, 8])
    assert message.splitlines()[1:3] == ["  expected  [2., 8.]   shape (2,)", "  got       [2., 9.]   shape (2,)"]


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (3, 3),
        (True, True),
        ((1, 2), [1, 2]),
        (np.array([1, 2]), (1, 2)),
        ({"a": (1, "x")}, {"a": [1, "x"]}),
        (["a", None, 2.5], ("a", None, 2.5)),
        (lambda: "Ada", "Ada"),
        (np.float32, "float32"),
        (np.dtype("int64"), np.int64),
    ],
)
def test_equal(got, want):
    checks.equal("same", got, want)


@pytest.mark.parametrize(
    ("got", "want", "reason"),
    [
        ("1.50 GB", "1.50GB", "differs at character 5: expected 'G', got ' '"),
        ("Ada", "Ada!", "differs at character 4: expected '!', got the end"),
        ("Ada!", "Ada", "differs at character 4: expected the end, got '!'"),
        (["a", 1], ["a", "b"], "the value at index 1 is 1 instead of 'b'"),
        (3, 4, "the value differs"),
        (1.0000001, 1.0, "the value differs"),
        ([1, 2], [1, 2, 3], "2 values instead of 3"),
        (["a", "c"], ["a", "b"], "the value at index 1 is 'c' instead of 'b'"),
        (["a"], ["a", "b"], "1 value instead of 2"),
        ({"a": 1}, {"b": 1}, "other keys than expected"),
        ({"a": 1}, {"a": 2}, "at 'a': the value differs"),
        (None, {"a": 2}, "None came: is a `return` missing?"),
        (3, None, "a number instead of None"),
    ],
)
def test_not_equal(got, want, reason):
    assert fails(checks.equal, "the name", got, want).endswith(reason)


@pytest.mark.parametrize(
    ("got", "want", "shown"),
    [
        ((2, 4, 6), (2, 4), "expected  (2, 4)\n  got       (2, 4, 6)"),
        ([(1, "a")], [(1, "b")], "expected  [(1, 'b')]\n  got       [(1, 'a')]\n"),
        ({1: (2,)}, {1: (3,)}, "expected  {1: (3,)}\n  got       {1: (2,)}\n"),
        ([Box([1, 2]), None], [Box([1, 3]), None], "got       [array([1, 2]), None]\n"),
        (np.float32, "float64", "expected  'float64'\n  got       'float32'\n"),
        ([np.float32(0.1), np.int64(5)], [0, math.inf], "expected  [0, inf]\n  got       [0.1, 5]\n"),
        ({"a": (np.float64(2.5), True)}, {"a": (math.nan, True)}, "expected  {'a': (nan, True)}\n"),
    ],
)
def test_values_are_shown_as_they_were_written(got, want, shown):
    assert shown in fails(checks.equal, "the name", got, want)


class Twice:
    """A number whose method somebody may forget to call."""

    def __init__(self, value):
        self.value = value

    def twice(self):
        return 2 * self.value

    def times(self, factor):
        return factor * self.value


def said(check) -> list[str]:
    """The lines that a check says below what it expected and what it got."""
    with pytest.raises(CheckFailed) as caught:
        check()
    return [line.strip() for line in str(caught.value).splitlines()[3:]]


def nothing(x):
    """Forgets its return."""


x = np.zeros((2, 3), "float32")
ROW = {"name": "a name that is as long as what a line shows of a dict", "cost": {"flops": 6, "bytes": 7}}
CLASSIC = {
    "a wrong axis": (
        lambda: checks.equal("shape and dtype", lambda: [x.sum(0).shape, str(x.dtype)], [(1, 3), "float32"]),
        ["`x.sum(0).shape` is (3,) instead of (1, 3)"],
    ),
    "a wrong dtype, where the parts have no text of their own": (
        lambda: checks.equal("shape and dtype", sorted({(2, 3), "float64"}, key=str), [(2, 3), "float32"]),
        ["the dtype, at index 1, is 'float64' instead of 'float32'"],
    ),
    "a wrong shape, where the parts have no text of their own": (
        lambda: checks.equal("shape and dtype", list([(), "float32"]), [(1, 2), "float32"]),
        ["the shape, at index 0, is () instead of (1, 2)"],
    ),
    "a boolean": (
        lambda: checks.equal("memory is shared", np.shares_memory(x, x.copy()), True),
        ["looked at  `np.shares_memory(x, x.copy())`"],
    ),
    "two booleans": (
        lambda: checks.equal("a view, a tuple", [x.T.base is x, isinstance([2], tuple)], [True, True]),
        ["`isinstance([2], tuple)` is False instead of True"],
    ),
    "no return": (
        lambda: checks.equal("text", nothing(3), "three"),
        ["`nothing(3)` is None: is a `return` missing?"],
    ),
    "no return in one of two": (
        lambda: checks.equal("texts", (str(3), nothing(3)), ("3", "three")),
        ["`nothing(3)` is None instead of 'three'", "Where None came: is a `return` missing?"],
    ),
    "no return in one of two numbers": (
        lambda: checks.close("numbers", [nothing(n) for n in (1, 2)], [1.0, 2.0]),
        [
            "the value at index 0 is None instead of 1.",
            "the value at index 1 is None instead of 2.",
            "Where None came: is a `return` missing?",
        ],
    ),
    "None where a None may be": (
        lambda: checks.equal("births and deaths", [None, nothing(3)], [None, 3.0]),
        ["`nothing(3)` is None instead of 3.0"],
    ),
    "None beside an array": (
        lambda: checks.equal("two", [np.ones(2), nothing(3)], [np.ones(2), 3.0]),
        ["`nothing(3)` is None instead of 3.0", "Where None came: is a `return` missing?"],
    ),
    "a method that was not called": (
        lambda: checks.equal("twice", lambda: Twice(2).twice, 4),
        ["That is a function, not what it returns: are parentheses missing?"],
    ),
    "a method with arguments that was not called": (
        lambda: checks.equal("three times", Twice(2).times, 6),
        ["That is a function, not what it returns: are parentheses missing?"],
    ),
    "one number of many": (
        lambda: checks.close("sums", x.sum(1) + np.arange(2), [0, 0]),
        ["1 of 2 values differ, first at index 1: expected 0., got 1."],
    ),
    "a number": (
        lambda: checks.close(name="bytes", got=x.nbytes, want=48),
        ["the value differs"],
    ),
    "a shape that is too short": (
        lambda: checks.equal("shape", x.shape, (2, 3, 1)),
        ["looked at  `x.shape`"],
    ),
    "a shape of other axes": (
        lambda: checks.equal("shape", (2, 3), (6,)),
        ["looked at  `(2, 3)`"],
    ),
    "one key of dicts that look alike where they are cut": (
        lambda: checks.equal("rows", list([ROW, ROW | {"cost": {"flops": 6, "bytes": 0}}]), [ROW, ROW]),
        ["the value at index 1, 'cost', 'bytes', is 0 instead of 7"],
    ),
    "many parts": (
        lambda: checks.equal("names", list("abcdef"), list("uvwxyz")),
        [
            "the value at index 0 is 'a' instead of 'u'",
            "the value at index 1 is 'b' instead of 'v'",
            "the value at index 2 is 'c' instead of 'w'",
            "and 3 more of 6 differ",
        ],
    ),
}


def test_a_None_that_is_used_asks_for_the_return():
    with pytest.raises(TypeError) as caught:
        checks.equal("sum", lambda: nothing(1) + 1, 2)
    assert caught.value.__notes__[1] == "None came where a value is needed: is a `return` missing?"


@pytest.mark.parametrize("mistake", CLASSIC)
def test_a_classic_mistake_gets_the_best_words(mistake):
    check, words = CLASSIC[mistake]
    assert said(check) == words


NOTEBOOK = [
    "from tito import checks\ndef stub(x):\n    raise NotImplementedError()\ndef half(x):\n    return x / 0\n",
    "checks.equal('one', lambda: half(3), 1)",
    "checks.raises('two', ValueError, lambda: stub(3))",
    "checks.equal('three', lambda: stub(3), 1)",
    "x = 3\nchecks.equal('ä', x is 3.5, True)",
    "checks.reference('five', lambda: half(3))",
    "y = 1\nchecks.equal('six', stub(3), y)",
]


def test_no_traceback_in_a_notebook_leads_through_our_file():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import sys, json, warnings\n"
        "shell = InteractiveShell.instance(colors='nocolor')\n"
        "shell.kernel = None\n"  # as in JupyterLab, it has one
        "shell._showtraceback = lambda kind, value, lines: shown.append([kind.__name__, *lines])\n"
        "shown = []\n"
        "for cell in json.loads(sys.argv[1]): shell.run_cell(cell, store_history=True)\n"
        "print(json.dumps(shown))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code, json.dumps(NOTEBOOK)], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    one, two, three, four, five, six = json.loads(done.stdout.decode().splitlines()[-1])
    for kind, *lines in (one, five):
        text = "\n".join(lines)
        assert kind == "ZeroDivisionError"
        assert "checks.py" not in text
        assert "skipping hidden" not in text
        assert "return x / 0" in text
        assert "<lambda>" not in text
        assert len(text.splitlines()) < 15
    assert "two" in two[1]
    assert "got       NotImplementedError, because stub isn't written yet, was raised" in two[1]
    assert three[1].splitlines()[1].strip() == "stub isn't written yet"
    assert four[1].splitlines()[-1].strip() == "looked at  `x is 3.5`"
    assert six == ["NotWritten", "stub isn't written yet"]


@pytest.mark.parametrize(
    "check",
    [
        lambda: checks.equal("four", 3, 4),
        lambda: checks.close("four", 3, 4),
        lambda: checks.raises("text", TypeError, lambda: 3),
        lambda: checks.equal("four", lambda: 1 / 0, 4),
    ],
)
def test_pytest_shows_none_of_our_frames(check):
    with pytest.raises((CheckFailed, ZeroDivisionError)) as caught:
        check()
    shown = caught.traceback.filter(caught)
    assert {str(entry.path) for entry in shown} == {__file__}


@pytest.mark.parametrize("check", [checks.close, checks.equal])
def test_what_a_callable_raises_names_the_check(check):
    with pytest.raises(ZeroDivisionError) as caught:
        check("the name", lambda: 1 / 0, 1)
    assert caught.value.__notes__ in (["in the check: the name; expected 1"], ["in the check: the name; expected 1."])


def test_judges_never_quote_a_string():
    assert differs("a secret", "a guess") == "another string"


def test_values_that_can_not_be_checked():
    with pytest.raises(CheckFailed, match=r"got       a value of type object\n  a check takes numbers, .* not object"):
        checks.equal("an object", object(), 1)
    with pytest.raises(CheckFailed, match="at most 4,000,000 bytes"):
        checks.close("large", np.zeros(500_001), 0)
    with pytest.raises(CheckFailed, match="not of dtype"):
        checks.equal("dates", np.array(["2026-01-01"], "datetime64[D]"), 1)


def in_itself(value):
    """A list or dict that holds itself, not at once."""
    value.append({"a": (1, [value])}) if isinstance(value, list) else value.update(a=(1, [value]))
    return value


def nested(depth):
    value = 1.0
    for _ in range(depth):
        value = [value]
    return value


def doubled(times):
    """2**times texts, in a few lists. They are long, so that the limit is soon reached."""
    value = ["x" * 1_000]
    for _ in range(times):
        value = [value, value]
    return value


class Awkward:
    """What a student's class can do by mistake."""

    def _fail(self, *_):
        raise KeyError("a mistake")

    __repr__ = __str__ = __len__ = __eq__ = __bool__ = __iter__ = __getitem__ = __array__ = _fail
    __hash__ = None


class Model:
    """Is called with an input."""

    def __call__(self, x):
        return x


NO_VALUES = {
    "a list in itself": (in_itself([]), "a check takes no list that contains itself"),
    "a dict in itself": (in_itself({}), "a check takes no dict that contains itself"),
    "a deep list": (nested(100_000), "a check takes at most 100 lists and dicts inside each other"),
    "a list that is shared by many": (doubled(60), "a check takes at most 4,000,000 bytes"),
    "a long list": ([0.5] * 1_000_000, "a check takes at most 4,000,000 bytes"),
    "large arrays": ([np.zeros(300_000)] * 2, "a check takes at most 4,000,000 bytes, this array has 2,400,000"),
    "a long text": ("x" * 5_000_000, "a check takes at most 4,000,000 bytes"),
    "a large number": (-(2**70), "a check takes whole numbers of at most 64 bits, this one has 71"),
    "a set": ({1}, "not set"),
    "bytes": (b"1", "not bytes"),
    "a generator": ((n for n in [1]), "not generator"),
    "a class": (Twice, "not the class Twice"),
    "an object": ([Twice(2)], "not Twice"),
    "an awkward object": ([Awkward()], "not Awkward"),
    "a model": (Model(), "not Model"),
    "a list of functions": ([print], "not builtin_function_or_method"),
    "text in an array": (np.array(["a"]), "a check takes arrays of numbers, not of dtype <U1"),
    "objects in an array": (np.array([1, None]), "a check takes arrays of numbers, not of dtype object"),
    "a structured array": (np.zeros(2, "f4,f4"), "a check takes arrays of numbers, not of dtype"),
    "dates": (np.array("2026-01-01", "M8[D]"), "a check takes arrays of numbers, not of dtype datetime64[D]"),
}


@pytest.mark.parametrize(("value", "why"), NO_VALUES.values(), ids=NO_VALUES)
def test_what_no_check_takes_is_said_in_the_notebook(value, why):
    for check in (checks.equal, checks.close):
        message = fails(check, "the name", value, 1)
        assert message.startswith("the name\n  expected  1")
        assert why in message.splitlines()[-1]
        assert len(message) < 500
    assert why in fails(checks.reference, "the name", value)
    assert "the result was" in fails(checks.raises, "the name", ValueError, lambda: value)


@pytest.mark.parametrize(("value", "why"), NO_VALUES.values(), ids=NO_VALUES)
def test_what_no_check_takes_is_said_by_the_judge(emitted, value, why):
    checks.reference("the name", lambda: value)
    checks.raises("the other", ValueError, lambda: value)
    reported, raised = json.loads(json.dumps(emitted))
    assert set(reported["value"]) == {"refused"}
    assert why in reported["value"]["refused"]
    assert why in show(reported["value"], limit=500)
    assert difference(1.0, reported["value"]) == "not a value that a check can report"
    assert checks.kind_of_difference(1.0, reported["value"]) == "not a value that a check can report"
    assert unplain(raised["value"])["outcome"]["ancestry"] == []


def test_a_number_of_numpy_counts_for_what_its_report_takes(monkeypatch):
    """24 bytes, beside the 8 of its place in the list."""
    monkeypatch.setattr(checks, "MAX_BYTES", 40_000)
    plain([np.float64(1)] * 1_249)
    with pytest.raises(checks.Unreportable, match="a check takes at most 40,000 bytes"):
        plain([np.float64(1)] * 1_250)


def test_the_same_value_may_stand_at_several_places():
    row = [1.0, 2.0]
    checks.equal("rows", {"a": [row, row], "b": row}, {"a": [[1.0, 2.0], [1.0, 2.0]], "b": [1.0, 2.0]})
    checks.equal("deep", nested(checks.MAX_DEPTH), nested(checks.MAX_DEPTH))


def test_numbers_of_numpy_in_keys_are_numbers():
    checks.equal("places", {(np.int64(1), np.float32(0.1)): 2, np.int8(3): 4}, {(1, 0.1): 2, 3: 4})


def test_awkward_parts_of_a_value_that_can_be_checked():
    class Rows(list):
        __len__ = __eq__ = __repr__ = Awkward._fail

    assert fails(checks.close, "rows", Rows([[1.0], [3.0]]), [[1.0], [2.0]]).endswith("expected 2., got 3.")


class Unspeakable(LookupError):
    def __str__(self):
        return 3


def unspeakable():
    raise Unspeakable


def leaves():
    sys.exit(3)


def test_exceptions_that_say_nothing_or_too_much():
    checks.raises("a lookup", LookupError, unspeakable)
    assert "Unspeakable: " in fails(checks.raises, "a type", TypeError, unspeakable)
    assert "SystemExit: 3 was raised" in fails(checks.raises, "a type", TypeError, leaves)
    with pytest.raises(Unspeakable):
        checks.equal("a value", unspeakable, 1)


@pytest.mark.parametrize(
    ("want", "got", "words"),
    [
        ([1.0, 2.0], np.array([1.0, 2.0000001]), "first at index 1: expected 2., got 2.0000001"),
        (np.float64(0.1), np.float32(0.1), "expected  0.1\n  got       0.10000000149011612\n"),
        (np.float64(1 / 3), np.float64(0.333333), "expected  0.3333333333333333\n  got       0.333333\n"),
    ],
)
def test_numbers_that_differ_are_told_apart(want, got, words):
    assert words in fails(checks.equal, "the name", got, want)


def test_what_a_notebook_sets_changes_no_verdict_and_no_word():
    want, got = np.array([1e-320, 1e308, 0.25]), np.array([1e-310, -1e308, 0.12345678])
    words = fails(checks.close, "the name", got, want, atol=0)
    with np.errstate(all="raise"), np.printoptions(precision=1, suppress=True, legacy="1.13", sign="+"):
        assert fails(checks.close, "the name", got, want, atol=0) == words
        checks.close("the same", want, want)


def shape_error():
    raise ValueError("shapes (2, 3) and (2,) do not fit")


def test_raises():
    checks.raises("shapes", ValueError, shape_error, match="(2, 3)")
    checks.raises("a subclass", LookupError, lambda: [][0])
    assert "in the message" in fails(checks.raises, "shapes", ValueError, shape_error, match="(3, 2)")
    message = fails(checks.raises, "shapes", TypeError, shape_error)
    assert "expected  TypeError to be raised" in message
    assert "ValueError: shapes (2, 3)" in message
    assert "nothing was raised, the result was 5" in fails(checks.raises, "shapes", ValueError, lambda: 5)


def test_reference_and_claim_only_look_whether_the_value_can_be_reported(capsys):
    checks.reference("product", lambda: np.ones(3))
    checks.claim("samples", [1.0, 2.0])
    assert capsys.readouterr().out == "..  product: compared when graded\n..  samples: compared when graded\n"
    with pytest.raises(ZeroDivisionError) as caught:
        checks.reference("product", lambda: 1 / 0)
    assert caught.value.__notes__ == ["in the check: product"]
    for report in (checks.reference, checks.claim):
        assert fails(report, "samples", {1, 2}).splitlines() == [
            "samples",
            "  got       a value of type set",
            "  a check takes numbers, arrays, strings, lists and dicts, not set",
        ]
        assert fails(report, "samples", lambda: Twice(2).twice).endswith(checks.UNCALLED)


def test_outcome():
    class Mine(KeyError):
        pass

    def mine():
        raise Mine("x")

    assert outcome(int, "12", base=8) == 10
    assert outcome(int, "x") == "ValueError"
    assert outcome(mine) == "KeyError"


# --- while grading -----------------------------------------------------------------------------


@pytest.fixture
def emitted(monkeypatch):
    """Messages that were sent while grading with seed 7."""
    sent = []
    monkeypatch.setattr(checks, "_grading", 7)
    monkeypatch.setattr("IPython.display.publish_display_data", lambda data: sent.append(data[checks.MIME]))
    return sent


def test_while_grading_checks_report_and_never_raise(emitted):
    checks.close("wrong", 1.0, 2.0, atol=0.5)
    checks.equal("broken", lambda: 1 / 0, 2)
    checks.raises("nothing", ValueError, lambda: 5)
    checks.reference("product", lambda: np.ones(2), dtype=True)
    checks.claim("an object", object())
    checks.claim("leaves", lambda: exec("raise SystemExit(3)"))
    assert [(message["kind"], message["name"]) for message in emitted] == [
        ("close", "wrong"),
        ("equal", "broken"),
        ("raises", "nothing"),
        ("reference", "product"),
        ("claim", "an object"),
        ("claim", "leaves"),
    ]
    assert (emitted[0]["value"], emitted[0]["atol"]) == (1.0, 0.5)
    assert emitted[1]["value"] == {"raised": "ZeroDivisionError"}
    assert emitted[3]["dtype"] is True
    assert emitted[4]["value"] == {"refused": "a check takes numbers, arrays, strings, lists and dicts, not object"}
    assert emitted[5]["value"] == {"raised": "SystemExit"}
    json.dumps(emitted)


def test_ctrl_c_is_not_swallowed(emitted):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checks.claim("long", stop)


def test_random_inputs_depend_on_seed_and_cell_alone(monkeypatch):
    def draw(seed, cell, before=lambda: None):
        monkeypatch.setattr(checks, "_grading", seed)
        before()
        checks.begin(cell)
        return checks.rng.standard_normal(4).tolist(), np.random.rand(), np.random.default_rng(0).random()

    first = draw(7, "check_a")
    assert draw(7, "check_a", before=lambda: np.random.rand(100)) == first
    assert draw(8, "check_a")[0] != first[0]
    assert draw(7, "check_b")[0] != first[0]


# --- plain data --------------------------------------------------------------------------------

numbers = arrays.arrays(
    dtype=st.one_of(
        arrays.boolean_dtypes(),
        arrays.integer_dtypes(),
        arrays.unsigned_integer_dtypes(),
        arrays.floating_dtypes(),
        arrays.complex_number_dtypes(sizes=(64, 128)),
    ),
    shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63) + 1, 2**63 - 1), st.text(max_size=8))
finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(st.one_of(scalars, finite, numbers), lambda inner: st.lists(inner, max_size=4), max_leaves=12)


def same(a, b):
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


@given(values)
@settings(max_examples=300, deadline=None)
def test_round_trip_through_json(value):
    assert same(unplain(json.loads(json.dumps(plain(value)))), value)


@given(st.dictionaries(st.text(max_size=5), st.one_of(scalars, st.tuples(scalars, scalars)), max_size=4))
@settings(deadline=None)
def test_round_trip_of_dicts(value):
    expected = {key: list(item) if isinstance(item, tuple) else item for key, item in value.items()}
    assert same_dict(unplain(json.loads(json.dumps(plain(value)))), expected)


def same_dict(a, b):
    return list(a) == list(b) and all(same(a[key], b[key]) for key in a)


of_all_kinds = st.recursive(
    st.one_of(st.none(), scalars, st.text(max_size=2), arrays.arrays(np.float64, arrays.array_shapes(max_side=2))),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3),
        st.tuples(parts),
        st.tuples(parts, parts),
        st.dictionaries(st.sampled_from("ab"), parts),
    ),
    max_leaves=6,
)


@given(of_all_kinds, of_all_kinds, st.sampled_from([checks.close, checks.equal]))
@settings(max_examples=200, deadline=None)
def test_whatever_comes_a_check_holds_or_fails_in_its_own_words(want, got, check):
    with suppress(CheckFailed):
        check("this", got, want)


@given(values)
@settings(deadline=None)
def test_nothing_differs_from_itself(value):
    if not (isinstance(value, np.ndarray) and value.dtype.kind in "fc"):
        assert differs(value, value) is None


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 2**64, 1j, np.int8(3), np.bool_(True)])
def test_numbers_that_json_does_not_have(value):
    sent = json.loads(json.dumps(plain(value), allow_nan=False) if not isinstance(value, int) else "1")
    unplain(sent)


def test_a_tensor_is_its_array():
    assert same(unplain(plain(Box(np.arange(3)))), np.arange(3))


def test_a_numpy_number_keeps_its_dtype(capsys):
    assert same(unplain(plain(np.float64(1.5))), np.array(1.5))
    assert "got       1.5\n" in fails(checks.close, "half", np.float64(1.5), 2)
    assert "expected  2.\n" in fails(checks.close, "half", 1.5, 2)


def test_an_array_that_is_not_contiguous():
    array = np.arange(12).reshape(3, 4)[::2, ::-1].T
    assert same(unplain(plain(array)), np.ascontiguousarray(array))


def packed(dtype="<f4", shape=(1,), raw=b"\0" * 4):
    return {"array": [dtype, list(shape), base64.b64encode(raw).decode()]}


@pytest.mark.parametrize(
    "hostile",
    [
        packed(dtype="O"),
        packed(dtype="|O"),
        packed(dtype="|V4"),
        packed(dtype="<U1"),
        packed(dtype="M8[s]", raw=b"\0" * 8),
        packed(dtype="(1000000,1000000)f4"),
        packed(dtype="f4,f4", raw=b"\0" * 8),
        packed(dtype="<f3"),
        packed(dtype=""),
        packed(dtype=4),
        packed(dtype=["<f4"]),
        packed(shape=(2,)),
        packed(shape=(-1,)),
        packed(shape=(1.0,)),
        packed(shape=(True,)),
        packed(shape=("1",)),
        packed(shape=(10**6, 10**6, 10**6)),
        packed(shape=(10**30,)),
        packed(shape=(0,) * 40, raw=b""),
        packed(raw=b"\0" * 5),
        {"array": ["<f4", [1], "not base64!!"]},
        {"array": ["<f4", [1], "ä"]},
        {"array": ["<f4", [1], None]},
        {"array": ["<f4", 1, "AAAAAA=="]},
        {"array": ["<f4", [1]]},
        {"array": None},
        {"dict": [[1]]},
        {"dict": {"a": 1}},
        {"dict": [["a", {"array": 3}]]},
        {"raised": 3},
        {"other": 3},
        {"array": [], "dict": []},
        {},
        [[{"other": 3}]],
        2**70,
        object(),
        b"bytes",
    ],
)
def test_hostile_values_are_refused(hostile):
    with pytest.raises(ValueError, match=r".") as caught:
        unplain(hostile)
    assert not isinstance(caught.value, OverflowError)
    assert difference(1.0, hostile) == "not a value that a check can report"


def test_values_nested_without_end():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert difference(1.0, deep) == "not a value that a check can report"


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["array", "dict", "raised", "x"]), inner, max_size=2),
        st.fixed_dictionaries({"array": st.tuples(inner, inner, inner).map(list)}),
        st.fixed_dictionaries({"dict": st.lists(st.lists(inner, min_size=2, max_size=2), max_size=2)}),
    ),
    max_leaves=12,
)


@given(json_values, st.sampled_from([1.0, [1, 2], "x", None, {"dict": [["a", 1]]}, {"raised": "ValueError"}, packed()]))
@settings(max_examples=500, deadline=None)
def test_any_json_is_judged_without_an_exception(hostile, want):
    reason = difference(want, hostile)
    assert reason is None or (isinstance(reason, str) and len(reason) < 300)


def test_an_exceptions_name_is_one_of_pythons_own():
    leak = {"raised": "the hidden inputs are 3 and 4"}
    assert difference(1.0, leak) == "raised an exception"
    assert difference(1.0, {"raised": "ValueError"}) == "raised ValueError"
    assert difference({"raised": "ValueError"}, {"raised": "ValueError"}) is None
    assert difference({"raised": "ValueError"}, 1.0) == "ValueError was to be raised"


def test_dtype_only_where_asked():
    assert differs(np.ones(2, np.float32), np.ones(2, np.float64)) is None
    reason = differs(np.ones(2, np.float32), np.ones(2, np.float64), dtype=True)
    assert reason == "dtype float64 instead of float32"


def test_whole_numbers_exactly():
    assert differs(np.array([10**6]), np.array([10**6 + 1])) == "1 of 1 values differ, first at index 0"
    assert differs(3, 3.0) is None
    assert differs(3, 3.0001) == "the value differs"
    assert differs(True, 1) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ada", "'Ada'"),
        (np.zeros((2, 2)), "[[0., 0.], [0., 0.]]   shape (2, 2)"),
        ([1, 2], "[1, 2]"),
        (Box(np.float32(1.5)), "1.5"),
        ({"raised": "ValueError"}, "raised ValueError"),
        (Counter("aab"), "Counter({'a': 2, 'b': 1})"),
    ],
)
def test_show(value, text):
    assert show(value) == text


def test_show_is_short():
    assert len(show("x" * 1000)) == 200
    assert "..." in show(np.arange(1000))


def test_an_empty_array_may_have_long_axes():
    array = np.zeros((0, 5_898_243), np.uint8)
    assert checks.unplain(checks.plain(array)).shape == array.shape
    with pytest.raises(ValueError, match="too large"):
        checks.unplain({"array": ["|u1", [5_898_243], ""]})


def test_a_long_text_among_numbers_is_not_spread_over_all_of_them():
    """numpy would: one text of 20,000 letters in a list of 11,000 would fill 896 MB."""
    got = ["x" * 20_000, *[""] * 10_999]
    tracemalloc.start()
    try:
        assert "a string instead of a number" in difference([1.0] * 11_000, got)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
