"""Where a page says to start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.pages.causes import Cause, causes_of

USES = {"a": set(), "b": {"a"}, "c": {"a", "b"}, "d": set(), "e": {"a", "c", "d"}}


def verdicts(failed, given=None):
    return [
        {"grade_id": name, "points": 1, "earned": name not in failed, "given": (given or {}).get(name, [])}
        for name in USES
    ]


@pytest.mark.parametrize(
    ("failed", "given", "blank", "causes"),
    [
        ("", {}, "", []),
        ("a", {"b": ["a"], "c": ["a"]}, "", [Cause("a", ["b", "c"])]),
        ("ac", {"b": ["a"], "c": ["a"], "e": ["a", "c"]}, "", [Cause("a", ["b", "e"]), Cause("c")]),
        ("abce", {}, "", [Cause("a", [], ["b", "c", "e"])]),
        ("abd", {}, "", [Cause("a", [], ["b"]), Cause("d")]),
        ("abc", {}, "b", [Cause("a", [], ["c"]), Cause("b")]),
        ("d", {"e": ["b", "d"]}, "", [Cause("d", ["e"])]),
    ],
)
def test_causes(failed, given, blank, causes):
    assert causes_of(verdicts(failed, given), USES, set(blank)) == causes


SETS = st.sets(st.sampled_from(list(USES)))


@given(SETS, SETS, st.dictionaries(st.sampled_from(list(USES)), st.lists(st.sampled_from(list(USES)))))
def test_each_lost_question_is_named_once(failed, blank, given):
    causes = causes_of(verdicts(failed, given), USES, blank)
    named = [name for cause in causes for name in (cause.name, *cause.waiting)]
    assert sorted(named) == sorted(failed)
    followed = [name for cause in causes for name in cause.given]
    assert len(followed) == len(set(followed))
    assert not failed.intersection(followed)


def test_verdicts_of_an_older_form():
    old = [{key: value for key, value in one.items() if key != "given"} for one in verdicts("ab")]
    assert causes_of(old, USES) == [Cause("a", [], ["b"])]
