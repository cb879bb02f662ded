"""No line that somebody wrote is lost, whatever the course and the author changed."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tito.merge import merge, merge_text, nearest

LINES = st.lists(st.sampled_from(["", "    x = 1", "    return x", "def f(x):", "# hint", "ä"]), max_size=8)
EDITS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 3), st.lists(st.text("abü ", max_size=3), max_size=3)), max_size=3
)
NAMES = st.sampled_from(["double", "area", "check", "demo", "title"])


@pytest.fixture(scope="module", autouse=True)
def cases(pytestconfig):
    """How many random cases the properties are shown."""
    number = 2000 if pytestconfig.getoption("thorough", False) else 200
    suppressed = [HealthCheck.function_scoped_fixture, *settings().suppress_health_check]
    settings.register_profile("merge", max_examples=number, suppress_health_check=suppressed)
    before = settings.get_current_profile_name()
    settings.load_profile("merge")
    yield
    settings.load_profile(before)


def edited(text: str, edits) -> str:
    lines = text.split("\n")
    for at, length, new in edits:
        lines[at : at + length] = new
    return "\n".join(lines)


def written(base: str, own: str) -> Counter:
    """The lines that stand in `own` more often than in `base`."""
    return Counter(own.split("\n")) - Counter(base.split("\n"))


def test_no_line_of_the_authors_is_lost_in_a_cell():
    @given(LINES, EDITS, EDITS)
    def holds(lines, mine, theirs):
        base = "\n".join(lines)
        own, fresh = edited(base, mine), edited(base, theirs)
        merged, left_out = merge_text(base, own, fresh)
        assert written(base, own) <= Counter(merged.split("\n"))
        assert merge_text(base, own, base) == (own, base)
        assert merge_text(base, base, fresh) == (fresh, base)
        assert merge_text(base, own, own) == (own, base)
        if left_out == base:  # nothing was left out, so the course's lines are all there, too
            assert written(base, fresh) <= Counter(merged.split("\n"))

    holds()


def test_what_both_changed_apart_comes_together():
    base = "def f(x):\n    'Twice.'\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    own = "def f(x):\n    'Twice.'\n    return 2 * x"
    fresh = "def f(x):\n    'Two times x.'\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert merge_text(base, own, fresh) == ("def f(x):\n    'Two times x.'\n    return 2 * x", base)
    hint = base.replace("    # YOUR", "    # a hint\n    # YOUR")
    assert merge_text(base, own, hint)[0] == "def f(x):\n    'Twice.'\n    # a hint\n    return 2 * x"


def test_where_both_changed_a_line_the_authors_stays():
    merged, left_out = merge_text("a\nb\nc", "a\nmine\nc", "a\ntheirs\nC")
    assert merged == "a\nmine\nc"
    assert left_out == "a\ntheirs\nC"


def changed(cells, notebook, edits, moves):
    """The notebook after random edits of its cells: texts changed, cells deleted, copied and added."""
    made = [{**cell, "source": edited(cell["source"], edits.get(cell["id"], []))} for cell in notebook["cells"]]
    for what, at in moves:
        if what == "delete" and made:
            del made[at % len(made)]
        elif what == "copy" and made:
            made.insert(at, dict(made[at % len(made)]))
        elif what == "add":
            made.insert(at, cells.code(f"own{at}", f"added at {at}"))
        elif what == "unname":
            made = [{key: value for key, value in cell.items() if key != "id"} for cell in made]
    return {**notebook, "cells": made}


MOVES = st.lists(st.tuples(st.sampled_from(["delete", "copy", "add", "unname"]), st.integers(0, 6)), max_size=3)


def test_no_line_of_the_authors_is_lost_in_a_notebook(cells):
    base = cells.notebook(
        cells.markdown("title", "# Title\n\ntext", locked=True),
        cells.given("imports", "import math\n\nx = 1"),
        cells.stub("double"),
        cells.check("check", "checks.equal(1)\nchecks.equal(2)"),
        cells.code("demo", "double(2)\ndouble(3)"),
        cells.reflection("answer"),
    )
    texts = st.dictionaries(st.sampled_from([cell["id"] for cell in base["cells"]]), EDITS, max_size=4)

    @given(texts, MOVES, texts, MOVES)
    def holds(mine, my_moves, theirs, their_moves):
        own = changed(cells, base, mine, my_moves)
        moves = [(what, at) for what, at in their_moves if what in ("delete", "add")]
        fresh = changed(cells, base, theirs, moves)
        merged = merge(base, own, fresh).notebook
        assert written(text(base), text(own)) <= Counter(text(merged).split("\n"))

    holds()


def text(notebook) -> str:
    return "\n".join(cell["source"] for cell in notebook["cells"])


def test_cells_of_ones_own_stay_where_they_were(cells):
    base = cells.notebook(cells.given("a", "1"), cells.stub("double"), cells.code("demo", "2"))
    mine = cells.code("mine", "my own")
    own = cells.notebook(cells.given("a", "1"), mine, cells.stub("double"))  # and the demo was deleted
    fresh = cells.notebook(
        cells.given("a", "1 + 1"), cells.stub("double"), cells.code("demo", "2"), cells.code("new", "3")
    )
    merged = merge(base, own, fresh)
    assert [cell["id"] for cell in merged.notebook["cells"]] == ["a", "mine", "double", "new"]
    assert merged.notebook["cells"][0]["source"] == "1 + 1"
    assert merged.met == []


def test_a_stub_that_the_course_removed_stays_if_it_was_written(cells):
    base = cells.notebook(cells.stub("double"), cells.stub("area"), cells.check("check_area", "x"))
    written = {**cells.stub("area"), "source": "def area(): return 1"}
    own = cells.notebook(cells.stub("double"), written, base["cells"][2])
    merged = merge(base, own, cells.notebook(cells.stub("double"))).notebook
    assert [(cell["id"], cell["metadata"]) for cell in merged["cells"][1:]] == [("area", {})]


def test_a_line_of_ones_own_in_a_check_cell_and_the_check_is_corrected(cells):
    base, fresh = (cells.notebook(cells.check("check", text)) for text in ("one\ntwo", "one\n2"))
    own = cells.notebook(cells.check("check", "print(x)\none\ntwo"))
    assert merge(base, own, fresh).notebook["cells"][0]["source"] == "print(x)\none\n2"


def test_pictures_that_were_pasted_into_an_answer_stay(cells):
    base = cells.notebook(cells.reflection("answer"))
    own = cells.notebook({**cells.reflection("answer"), "source": "see", "attachments": {"a.png": {}}})
    assert merge(base, own, base).notebook["cells"][0]["attachments"] == {"a.png": {}}


def test_outputs_stay_with_the_text_that_made_them(cells):
    def demo(source):
        return cells.notebook(cells.code("demo", source))

    own = demo("mine\nb")
    own["cells"][0].update(outputs=["shown"], execution_count=3)
    assert merge(demo("a\nb"), own, demo("a\nb")).notebook["cells"][0]["outputs"] == ["shown"]
    assert merge(demo("a\nb"), own, demo("a\nB")).notebook["cells"][0]["outputs"] == []


def test_the_nearest_version_is_the_one_a_notebook_was_made_from(cells):
    versions = [cells.notebook(cells.code("demo", text)) for text in ("a\nb\nnew", "a\nb", "old")]
    assert nearest(cells.notebook(cells.code("demo", "a\nb\nmine\nmine, too")), versions) == 1
    assert nearest(versions[0], versions) == 0


@pytest.mark.parametrize(
    ("own", "fresh", "joined"),
    [
        ("a", "a\n", ("a", "a\n")),
        ("a", "b\na", ("a", "b\na")),
        ("a", "a", ("a", "")),
        ("a", "", ("a", "")),
        ("", "b\n", ("b\n", "")),
        ("\n", "a\n", ("\n", "a\n")),
    ],
)
def test_where_nothing_was_before_the_authors_text_stays_as_it_is(own, fresh, joined):
    assert merge_text("", own, fresh) == joined
