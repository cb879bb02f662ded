"""Mark schemes as lists: nothing of the text is lost, and the points are those of the question."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.judging.source import MARK_SCHEME, Source, inside
from autograder.manual_grading.answers import manual_questions
from autograder.manual_grading.rubric import rubric_of
from autograder.pages.markdown import safe_markdown
from tito.workspace import Workspace

HERE = Workspace.find()


@pytest.mark.parametrize("module", HERE.written())
def test_rubrics_of_the_course(module):
    """All texts, word for word, and as many points as nbgrader has for the question."""
    source = Source.of(HERE, module)
    found = manual_questions(source)
    schemes = [text for cell in source.cells if (text := inside(cell.source, MARK_SCHEME))]
    assert len(found) == len(schemes) > 0
    for one, scheme in zip(found, schemes, strict=True):
        assert sum(item.points for item in one.rubric.items) == one.points
        assert not one.rubric.remarks
        said = " ".join(f"{item.points:g} point: {item.text}" for item in one.rubric.items)
        assert said.split() == re.sub(r"(?m)^- ", "", scheme).split()
        assert MARK_SCHEME[0] not in one.text
        assert one.text.strip()
        drawn = html.unescape(re.sub(r"<[^>]+>", "", safe_markdown(scheme)))
        assert drawn.split() == re.sub(r"(?m)^- |`", "", scheme).split(), "formgrader draws it as markdown"


WORDS = st.text("ab*_$`<4 ", min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool)
ITEMS = st.lists(st.tuples(st.sampled_from([0.5, 1, 1.5, 2, 10]), WORDS), max_size=5)


@given(st.one_of(st.just(""), WORDS), ITEMS, st.sampled_from(["", "- ", "* ", "  - "]))
def test_every_item_is_found(remarks, items, bullet):
    text = "\n".join([remarks, *(f"{bullet}{points:g} point{'s' * (points != 1)}: {said}" for points, said in items)])
    found = rubric_of(text)
    assert [(item.points, item.text) for item in found.items] == items
    assert found.remarks == remarks


def test_a_scheme_without_a_list_is_a_remark():
    found = rubric_of("Both numbers,\nand a reason.\n\nHalf for one of 2 points: no.")
    assert (found.items, found.remarks) == ((), "Both numbers, and a reason.\n\nHalf for one of 2 points: no.")
