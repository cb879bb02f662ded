"""Scores that no answer can have: any number that somebody types, in any field."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradebook.doubts import impossible
from autograder.gradebook.marks import Mark
from tito.workspace import UserError, Workspace

NUMBERS = st.one_of(st.none(), st.floats(), st.integers(-3, 30), st.sampled_from([2e12, -0.5, 1e-12]))
ROWS = st.lists(st.builds(Mark, st.just("check"), NUMBERS, NUMBERS, NUMBERS, st.integers(0, 10)), max_size=6)


@given(ROWS, st.sampled_from([0, 0.5, 2, 100]))
def test_what_passes_is_within_its_bounds_and_what_does_not_is_named(rows, allowed):
    scores, bounds = [], []
    for row in rows:
        score = row.manual if row.manual is not None else row.auto
        scores.append(0 if score is None else score + (row.extra or 0))
        machines = row.manual is None and not row.extra and math.isfinite(row.auto or 0)
        bounds.append(max(row.worth, row.auto or 0) if machines else row.worth)
    possible = all(0 <= one <= bound + allowed for one, bound in zip(scores, bounds, strict=True))
    possible = possible and sum(scores) <= sum(bounds) + allowed
    near = [*scores, sum(filter(math.isfinite, scores))]
    if not any(0 < abs(one - round(one, 1)) < 1e-6 for one in near if math.isfinite(one)):  # a slack for rounding
        assert bool(impossible(rows, allowed)) == (not possible)


@pytest.mark.parametrize(
    ("auto", "manual", "extra", "said"),
    [
        (2, None, None, None),
        (4, None, None, None),  # of a release in which it was worth 4
        (4, None, 1, "reflect has 5 points, 1 of them as extra credit, and is worth 2"),
        (None, None, None, None),
        (None, None, 2e12, None),  # nbgrader counts extra credit only where there is a score
        (2, None, 2e12, "reflect has 2000000000002 points, 2000000000000 of them as extra credit, and is worth 2"),
        (0, 7, None, "reflect has 7 points, and is worth 2"),
        (0, 2.01, None, "reflect has 2.01 points, and is worth 2"),
        (0, -3, None, "reflect has -3 points, and is worth 2"),
        (2, None, -1, None),
        (2, None, -3, "reflect has -1 points, -3 of them as extra credit, and is worth 2"),
        (math.nan, None, None, "reflect has nan points, and is worth 2"),
        (0, math.inf, -math.inf, "reflect has nan points, -inf of them as extra credit, and is worth 2"),
    ],
)
def test_the_words(auto, manual, extra, said):
    assert impossible([Mark("reflect", auto, manual, extra, 2)], 0) == ([said] if said else [])


def test_extra_credit_is_allowed_once_for_a_module():
    given = [Mark("a", 3, None, 1, 3), Mark("b", 2, None, 1, 2)]
    assert impossible(given, 2) == []
    assert impossible(given, 1) == ["all questions together have 7 points, and are worth 5"]
    assert len(impossible(given, 0.5)) == 2


@pytest.mark.parametrize("value", ["true", "-1", ".inf", ".nan", "many", "[2]"])
@pytest.mark.parametrize("where", ["course", "module"])
def test_what_is_no_number_of_points_is_refused(classroom, value, where):
    manifest = classroom / "course.yml"
    text, line = manifest.read_text(), f"extra_credit: {value}\n"
    manifest.write_text(line + text if where == "course" else text.replace("due: null\n", f"due: null\n    {line}", 1))
    with pytest.raises(UserError, match="extra_credit of setup must be a number of points"):
        _ = Workspace.find(classroom).course


def test_a_module_has_its_own(classroom):
    manifest = classroom / "course.yml"
    text = manifest.read_text().replace("due: null\n", "due: null\n    extra_credit: 0\n", 1)
    manifest.write_text(f"extra_credit: 2.5\n{text}")
    course = Workspace.find(classroom).course
    assert (course.extra_credit_of("setup"), course.extra_credit_of("tensor")) == (0, 2.5)
