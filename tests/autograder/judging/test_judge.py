"""The judge: what it accepts, what it says, and that no message can move it."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.judging.judge import CLASSES, KINDS, NOT_THERE, Words, _places, judge_cell
from tito import checks

X = np.random.default_rng(3).standard_normal((3, 4))
OPTIONS = {"rtol": checks.RTOL, "atol": None}

# All that a verdict may say of a check. Numbers aside, nothing in it comes from anywhere else.
SHAPE = r"\([\d, ]*\)"
KIND = (
    rf"(a string|a list|a list or tuple|a dict|a number|a boolean|None|an exception|\w+Error|an array of shape {SHAPE})"
)
REASON = "|".join(
    (
        "was not reached",
        "was reported more than once, with different values",
        "is of another kind",
        "not a value that a check can report",
        "does not hold",
        "the value differs",
        "another string",
        "other keys than expected",
        r"raised (an exception|BaseException|\w+Error|\w+Exit|\w+Interrupt|StopIteration|\w+Warning|Warning|Exception)",
        r"\w+ was to be raised",
        "the message does not say what it should",
        rf"{KIND} instead of {KIND}",
        rf"shape {SHAPE} instead of {SHAPE}",
        r"dtype \w+ instead of \w+",
        r"\d+ values? instead of \d+",
        rf"\d+ of \d+ values differ, first at ({SHAPE}|index \d+)",
        r"at '\w+': .*",
        r"\d+ of \d+ values differ, first at index \d+: .*",
    )
)


def said(kind, name, value, **options):
    return {"kind": kind, "name": name, "value": checks.plain(value), **OPTIONS, **options}


def raised(ancestry, match=True, shown="TypeError: no", exception="TypeError"):
    outcome = {"ancestry": ancestry, "match": match, "shown": shown}
    return {"kind": "raises", "name": "no text", "value": checks.plain({"exception": exception, "outcome": outcome})}


EQUAL = said("equal", "twice three", 6, rtol=0, atol=0)
RAISES = raised(["TypeError", "Exception"])
REFERENCE = said("reference", "random arrays", 2 * X, dtype=False)
EXPECTED = [EQUAL, RAISES, REFERENCE]
CLAIM = [said("equal", "as many as asked for", 3), said("reference", "how many", 77), said("claim", "samples", [0.0])]
SAMPLES = list(np.random.default_rng(1).standard_normal(2000))


def verdict(source, *emitted, expected=EXPECTED, cell="check_double", problem=None, seen=()):
    return judge_cell(source, cell, list(expected), list(emitted), problem, Words(expected, seen) if seen else None)


def reason(source, value):
    """What the judge says of a `value` reported for the hidden reference."""
    line = verdict(source, EQUAL, RAISES, {**REFERENCE, "value": value}).lines[2]
    assert line.reason in (None, *CLASSES)
    return line.reason


# --- what it accepts ------------------------------------------------------------------------------


def test_equal_reports_earn_all_points(source):
    found = verdict(source, *EXPECTED)
    assert found.earned == found.points == 2
    assert [line.reason for line in found.lines] == [None] * 3


def test_order_extras_and_equal_duplicates_do_not_matter(source):
    assert verdict(source, REFERENCE, said("close", "my own", 1), RAISES, EQUAL, EQUAL).earned == 2


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (2.0, np.float64(2.0)),
        (2.0, np.array(2.0)),
        (2, 2.0),
        ((1, 2), [1, 2]),
        (np.ones((2, 2)), [[1, 1], [1, 1]]),
        ([[1.0, 2.0]], np.array([[1.0, 2.0]])),
        (np.float32([1, 2]), np.float64([1, 2])),
        (np.array([1.0, np.nan, np.inf]), np.array([1.0, np.nan, np.inf])),
        ({"a": 1, "b": (1.0, None)}, {"b": [1.0, None], "a": 1}),
        ("text", "text"),
        (None, None),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.array([1.0, 2.0]), np.array([1.0005, 2.0])),
        (np.array([0.0, 1000.0]), np.array([0.05, 1000.0])),
        ([checks.outcome(int, "x"), 1], ["ValueError", 1]),
    ],
)
def test_equal_values(want, got):
    assert checks.difference(checks.plain(want), checks.plain(got)) is None


@pytest.mark.parametrize(
    ("want", "got", "says"),
    [
        (np.ones(3), np.ones((1, 3)), "shape (1, 3) instead of (3,)"),
        (3, np.array([3]), "shape (1,) instead of ()"),
        (np.ones(3), np.array([1, 1, 2.0]), "1 of 3 values differ, first at index 2"),
        (np.ones((2, 2)), np.array([[1, 1], [0, 1]]), "1 of 4 values differ, first at (1, 0)"),
        (1.0, 1.1, "the value differs"),
        (1.0, np.nan, "the value differs"),
        (3, np.nan, "the value differs"),
        (2**53, 2.0**53 + 2, "the value differs"),
        (np.array([0.0, 1000.0]), np.array([1.0, 1000.0]), "1 of 2 values differ, first at index 0"),
        (np.zeros(3), np.full(3, 1e-9), "3 of 3 values differ, first at index 0"),
        ("a", "b", "another string"),
        ("a", 1, "a number instead of a string"),
        (True, "yes", "a string instead of a boolean"),
        (1.0, None, "None instead of a number"),
        (None, False, "a boolean instead of None"),
        ({"a": 1}, {"b": 1}, "other keys than expected"),
        ({"a": 1}, {"a": 2}, "at 'a': the value differs"),
        ({"a": 1}, [1], "a list or tuple instead of a dict"),
        ([1, 2], {}, "a dict instead of a list or tuple"),
        (["a", 1], ["a"], "1 value instead of 2"),
        (["a", 1], ["a", 2], "1 of 2 values differ, first at index 1: the value differs"),
        ([1.0, None], np.ones((2, 2)), "2 of 2 values differ, first at index 0: shape (2,) instead of ()"),
    ],
)
def test_different_values(want, got, says):
    assert checks.difference(checks.plain(want), checks.plain(got)) == says
    assert re.fullmatch(REASON, says)


def test_dtype_counts_where_asked():
    want, got = checks.plain(np.float32([1, 2])), checks.plain(np.float64([1, 2]))
    assert checks.difference(want, got, dtype=True) == "dtype float64 instead of float32"


def test_partial_cells_share_their_points(source):
    one, two = said("reference", "doubled once", X, dtype=False), said("reference", "doubled twice", 2 * X, dtype=False)
    grade = {"expected": [one, two], "cell": "check_both"}
    assert verdict(source, one, two, **grade).earned == 4
    assert verdict(source, one, {**two, "value": checks.plain(X)}, **grade).earned == 2
    assert verdict(source, one, problem="stopped with ValueError", **grade).earned == 2
    assert verdict(source, **grade).earned == 0


def test_a_problem_costs_a_cell_that_is_not_partial(source):
    assert verdict(source, *EXPECTED, problem="stopped with ValueError").earned == 0


def test_visible_checks_alone_earn_nothing(source):
    assert verdict(source, EQUAL, RAISES).earned == 0
    assert verdict(source, EQUAL, RAISES, expected=[EQUAL, RAISES]).earned == 0


def test_claims_are_judged_by_the_source(source):
    def earned(value, **other):
        return verdict(source, *CLAIM[:2], {**CLAIM[2], "value": value, **other}, expected=CLAIM, cell="check_normal")

    assert earned(checks.plain(SAMPLES)).earned == 3
    assert earned(checks.plain(np.array(SAMPLES))).earned == 3
    for wrong in (SAMPLES[:-1], [0.0] * 2000, [10 * value for value in SAMPLES], [np.nan] * 2000, "x" * 2000):
        found = earned(checks.plain(wrong))
        assert (found.earned, found.lines[2].reason) == (0, "does not hold")


@pytest.mark.filterwarnings("error")
def test_numbers_without_end_in_a_claim_are_judged_in_silence(source):
    for values in ([np.inf] * 2000, [1e308, -1e308] * 1000, [5e-324] * 2000, [np.nan] * 2000):
        message = {**CLAIM[2], "value": checks.plain(values)}
        assert verdict(source, *CLAIM[:2], message, expected=CLAIM, cell="check_normal").earned == 0


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "judge",
        [],
        {},
        {"dict": []},
        {"raised": "ValueError"},
        {"raised": ["ValueError"]},
        [[1]] * 2000,
        [None] * 2000,
        [10**400] * 2000,
        {"array": ["<f8", [2000], "AA=="]},
        {"array": ["O", [2000], ""]},
        {"__class__": 1},
    ],
)
def test_hostile_material_of_a_claim_does_not_hold(source, value):
    found = verdict(source, *CLAIM[:2], {**CLAIM[2], "value": value}, expected=CLAIM, cell="check_normal")
    assert found.earned == 0
    assert re.fullmatch(REASON, found.lines[2].reason)


# --- hostile messages ------------------------------------------------------------------------------


def nested(depth, kind=list):
    value = 1
    for _ in range(depth):
        value = [value] if kind is list else {"dict": [["a", value]]}
    return value


HOSTILE = {
    "nothing": None,
    "no number": float("nan"),
    "infinity": float("inf"),
    "a number that is no float": 10**400,
    "a list of them": [[10**400] * 4] * 3,
    "a boolean": True,
    "deep lists": nested(90_000),
    "rather deep lists": nested(900),
    "deep dicts": nested(20_000, dict),
    "ragged": [[1, 2], [3]],
    "an unknown tag": {"pickle": "gASV"},
    "two tags": {"array": [], "dict": []},
    "an array of nothing": {"array": None},
    "a short array": {"array": ["<f8", [3, 4], "AAAA"]},
    "no base64": {"array": ["<f8", [3, 4], "!" * 128]},
    "unicode as base64": {"array": ["<f8", [3, 4], "ä" * 128]},
    "bytes in place of shape": {"array": ["<f8", "34", ""]},
    "a negative shape": {"array": ["<f8", [-3, -4], ""]},
    "a shape of booleans": {"array": ["<f8", [True, True], "AAAAAAAAAAA="]},
    "a shape of floats": {"array": ["<f8", [3.0, 4.0], ""]},
    "a huge shape": {"array": ["<f8", [10**9, 10**9], ""]},
    "a huge empty shape": {"array": ["|i1", [0, 4_000_000, 4_000_000, 4_000_000], ""]},
    "many dimensions": {"array": ["|i1", [1] * 33, "AA=="]},
    "an object array": {"array": ["|O", [1], "AAAAAAAAAAA="]},
    "a structured array": {"array": ["f4,f4", [1], "AAAAAAAAAAA="]},
    "a dtype that is no Python": {"array": ["f4,(", [1], ""]},
    "a dtype that is a program": {"array": ["(1/0)f4", [1], ""]},
    "dates": {"array": ["<M8[ns]", [1], "AAAAAAAAAAA="]},
    "long doubles": {"array": ["<f16", [1], "A" * 24]},
    "a dtype with a null": {"array": ["<f8\0", [1], "AAAAAAAAAAA="]},
    "a dtype that is no text": {"array": [["<f8"], [1], ""]},
    "pairs that are none": {"dict": [[1, 2, 3]]},
    "keys that are lists": {"dict": [[[1], 2]]},
    "raised, forged": {"raised": "### BEGIN HIDDEN TESTS"},
    "raised, of another type": {"raised": {"raised": 1}},
    "raised, inside": [{"raised": "secret"}, {"raised": "ValueError"}],
    "raised, a builtin that is no exception": {"raised": "eval"},
    "surrogates": "\ud800\udfff",
    "a long text": "x" * 2_000_000,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_hostile_values_are_wrong_in_the_fixed_vocabulary(source, value):
    assert reason(source, value) is not None
    visible = verdict(source, {**EQUAL, "value": value}, RAISES, REFERENCE, seen=[{**EQUAL, "value": value}])
    assert visible.earned == 0
    assert len(visible.lines[0].got) <= 200
    visible.lines[0].got.encode()
    for shown in (value, {"dict": [["exception", "TypeError"], ["outcome", value]]}):
        message = {**RAISES, "value": shown}
        hostile = verdict(source, EQUAL, message, REFERENCE, seen=[message])
        assert hostile.earned == 0
        hostile.lines[1].got.encode()


@pytest.mark.parametrize(
    "message",
    [
        None,
        1,
        "reference",
        [],
        {},
        {"kind": "reference"},
        {"kind": ["reference"], "name": "random arrays"},
        {"kind": "reference", "name": ["random arrays"]},
        {"kind": "reference", "name": "random arrays"},
        {"kind": {}, "name": None, "value": None},
        {"kind": "passed", "name": "random arrays", "value": checks.plain(2 * X)},
    ],
)
def test_malformed_messages_count_as_none(source, message):
    found = verdict(source, EQUAL, RAISES, message)
    assert found.earned == 0
    assert found.lines[2].reason in ("was not reached", "another kind of value")
    assert verdict(source, *EXPECTED, {**REFERENCE, "name": "other"}).earned == 2


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "reference"])
def test_forged_kinds(source, kind):
    found = verdict(source, EQUAL, RAISES, {**REFERENCE, "kind": kind})
    assert (found.earned, found.lines[2].reason) == (0, "is of another kind")


@pytest.mark.parametrize("rtol", [1e9, -1, float("nan"), float("inf"), "1", None, [1]])
def test_options_come_from_the_source_alone(source, rtol):
    wrong = {**REFERENCE, "value": checks.plain(X), "rtol": rtol, "atol": rtol, "dtype": rtol}
    assert verdict(source, EQUAL, RAISES, wrong).earned == 0
    assert verdict(source, EQUAL, RAISES, {**REFERENCE, "rtol": rtol, "atol": rtol, "dtype": rtol}).earned == 2
    bare = {key: REFERENCE[key] for key in ("kind", "name", "value")}
    assert verdict(source, EQUAL, RAISES, bare).earned == 2


def test_conflicting_duplicates(source):
    other = {**REFERENCE, "value": checks.plain(X)}
    for pair in ((REFERENCE, other), (other, REFERENCE), (REFERENCE, {**REFERENCE, "value": nested(90_000)})):
        line = verdict(source, EQUAL, RAISES, *pair).lines[2]
        assert line.reason == "was reported more than once, with different values"
    assert verdict(source, EQUAL, RAISES, REFERENCE, {**REFERENCE, "kind": "claim"}).earned == 0


def test_forged_outcomes_of_raises(source):
    def says(message):
        found = verdict(source, EQUAL, message, REFERENCE, seen=[message])
        return found.earned, found.lines[1].reason

    assert says(raised(["TypeError"])) == (2, None)
    assert says(raised([], exception="Exception")) == (0, "TypeError was to be raised")
    assert says(raised(["ValueError", "Exception"])) == (0, "TypeError was to be raised")
    assert says(raised("TypeError")) == (0, "TypeError was to be raised")
    assert says(raised({"TypeError": 1})) == (0, "TypeError was to be raised")
    assert says(raised(["TypeError"], match=1)) == (0, "the message does not say what it should")
    assert says(raised(["TypeError"], match="True")) == (0, "the message does not say what it should")


def test_what_came_is_shown_of_visible_checks_only_and_from_the_other_run(source):
    wrong = [{**EQUAL, "value": "what knew the hidden text"}, RAISES, {**REFERENCE, "value": "wrong"}]
    found = verdict(source, *wrong, seen=[{**EQUAL, "value": 7}, {**REFERENCE, "value": "wrong"}])
    assert [(line.want, line.got) for line in found.lines] == [("6", "7"), (None, None), (None, None)]
    assert (verdict(source, *wrong).lines[0].got, verdict(source, *wrong).lines[0].reason) == (None, NOT_THERE)
    right_there = verdict(source, *wrong, seen=[EQUAL])
    assert (right_there.lines[0].want, right_there.lines[0].reason) == (None, NOT_THERE)


def test_an_exception_is_named_only_where_it_came_without_hidden_text_too(source):
    def problem(words):
        return judge_cell(source, "check_double", EXPECTED, [], "stopped with KeyError", words).problem

    assert problem(None) == problem(Words(EXPECTED, [])) == "stopped with an exception"
    assert problem(Words(EXPECTED, [], "stopped with ValueError")) == "stopped with ValueError"
    assert problem(Words(EXPECTED, [], "took longer than 3 s")) == "stopped with an exception"


@pytest.mark.parametrize(
    ("want", "got", "said"),
    [
        (np.zeros((2, 3)), np.zeros(6), "another shape"),
        (5, np.zeros(108), "another shape"),
        (np.zeros(3), [0.0, 0.0], "another shape"),
        (np.zeros(3), np.ones(3), "all values differ"),
        (np.zeros(3), np.array([0, 0, 1]), "some values differ"),
        (np.zeros(3, np.float32), np.zeros(3), "another dtype"),
        (5, 6, "another value"),
        ("a", "b", "another value"),
        (["a", "b"], ["a"], "another value"),
        ("a", np.zeros((108, 2)), "another kind of value"),
        (None, np.zeros(2), "another kind of value"),
        ({"a": 1}, {"b": 1}, "another value"),
        ({"a": 1}, [1], "another kind of value"),
    ],
)
def test_differences_of_hidden_values_are_told_in_classes(want, got, said):
    assert checks.kind_of_difference(checks.plain(want), checks.plain(got)) == said


def test_how_much_a_hidden_check_can_tell():
    """The documents name this number of bits; a verdict holds one of these for each hidden check that failed."""
    assert len(CLASSES) <= 2**4


def test_many_dimensions_are_shown_quickly(source):
    big = {**EQUAL, "value": checks.plain(np.zeros([2] * 21, np.int8))}
    assert len(verdict(source, big, seen=[big]).lines[0].got) <= 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["<f8", "AAAA", 6]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["array", "dict", "raised", "x"]), inner, max_size=2)
    ),
    max_leaves=12,
)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from([*KINDS, "x"]) | JSON,
        "name": st.sampled_from(["twice three", "no text", "random arrays"]) | JSON,
        "value": JSON | st.just(REFERENCE["value"]),
        "rtol": JSON,
        "atol": JSON,
    },
)


@given(st.lists(MESSAGE | JSON, max_size=6))
@settings(max_examples=400, deadline=None)
def test_no_messages_make_the_judge_raise_or_repeat_what_it_got(source, messages):
    found = judge_cell(source, "check_double", EXPECTED, messages, None, Words(EXPECTED, messages))
    assert found.earned == 0
    for line in found.lines:
        if line.visible:
            assert line.reason is None or re.fullmatch(REASON, line.reason)
        else:
            assert line.reason in (None, *CLASSES)
            assert (line.want, line.got) == (None, None)


def test_a_folder_in_another_is_hidden_as_a_whole():
    places = _places({"/home/ada", "/home/ada/course/.venv", "/home"})
    assert places.sub("...", "/home/ada/course/.venv/lib, /home/ada/notes") == ".../lib, .../notes"
