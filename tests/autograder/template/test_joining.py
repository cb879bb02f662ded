"""Whatever both sides changed: nothing is lost that is not named, and the instructor's stays."""

import copy
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.template.joining import Sides, fault_in, join_data, join_notebooks, join_texts

NAMES = ["title", "double", "check_double", "area", "demo"]
LINES = st.lists(st.sampled_from(["a", "b", "ä = 1", "if x:", "    y", ""]), max_size=3)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.sampled_from(NAMES), st.integers(0, 4), st.integers(0, 2), LINES),
        st.tuples(st.just("points"), st.sampled_from(NAMES), st.integers(1, 3)),
        st.tuples(st.just("tags"), st.sampled_from(NAMES), st.sampled_from([["explore"], ["partial"]])),
        st.tuples(st.just("delete"), st.sampled_from(NAMES)),
        st.tuples(st.just("move"), st.sampled_from(NAMES), st.integers(0, 6)),
        st.tuples(st.just("add"), st.sampled_from(["rnn", "gru"]), st.integers(0, 6), LINES),
        st.tuples(st.just("language"), st.sampled_from(["de", "fr"])),
        st.tuples(st.just("unname"), st.sampled_from(NAMES)),
    ),
    max_size=5,
)


def cell(name, text, kind="code"):
    meta = {"nbgrader": {"grade_id": name, "points": 0}}
    return {"cell_type": kind, "id": name, "metadata": meta, "source": text}


BASE = {
    "cells": [
        cell("title", "# Title\n\nfirst\nlast", "markdown"),
        cell("double", "def double(x):\n    y = 2\n    return y * x"),
        cell("check_double", "one\ntwo\nthree\nfour"),
        cell("area", "def area(r):\n    return r"),
        cell("demo", "double(1)\ndouble(2)"),
    ],
    "metadata": {},
    "nbformat": 4,
}


def edited(edits):
    made = copy.deepcopy(BASE)
    cells = made["cells"]
    for what, *how in edits:
        if what == "language":
            made["metadata"]["language"] = how[0]
            continue
        if what == "add":
            if how[0] not in [one.get("id") for one in cells]:
                cells.insert(how[1], cell(how[0], "\n".join(how[2])))
            continue
        found = next((one for one in cells if one.get("id") == how[0]), None)
        if found is None:
            continue
        if what == "text":
            lines = found["source"].split("\n")
            lines[how[1] : how[1] + how[2]] = how[3]
            found["source"] = "\n".join(lines)
        elif what == "points":
            found["metadata"]["nbgrader"]["points"] = how[1]
        elif what == "tags":
            found["metadata"]["tags"] = how[1]
        elif what == "unname":
            found.pop("id")
            found["metadata"].pop("nbgrader")
        else:
            cells.remove(found)
            if what == "move":
                cells.insert(how[1], found)
    return made


def lines_of(notebook) -> Counter:
    """How often each line is there. A cell without text has no line."""
    return Counter(line for one in notebook["cells"] if one["source"] for line in one["source"].split("\n"))


def by_id(notebook) -> dict:
    return {one["id"]: one for one in notebook["cells"] if "id" in one}


def test_nothing_is_lost_unnamed(pytestconfig):
    @settings(max_examples=2000 if pytestconfig.getoption("thorough") else 150, deadline=None)
    @given(EDITS, EDITS)
    def holds(mine, theirs):
        theirs = [edit for edit in theirs if edit[0] != "unname"]
        own, fresh = edited(mine), edited(theirs)
        merged, left = join_notebooks(Sides(BASE, own, fresh), "n")
        json.loads(json.dumps(merged))
        named = Counter(line[1:] for one in left for line in one.lines if line[:1] == "+")
        assert lines_of(own) - lines_of(BASE) <= lines_of(merged), "a line of the instructor's"
        assert lines_of(fresh) - lines_of(BASE) <= lines_of(merged) + named, "a line of the template's"
        said = "\n".join(f"{one.where} {one.why} {one.lines}" for one in left)
        base, ours, new, joined = map(by_id, (BASE, own, fresh, merged))
        for name in ours.keys() & joined.keys():
            changed = ours[name]["metadata"] != base.get(name, {}).get("metadata")
            for key in ("points",) if changed and name in base else ():
                value = ours[name]["metadata"]["nbgrader"][key]
                assert joined[name]["metadata"]["nbgrader"][key] == value or value == 0
        for name in new.keys() & base.keys():
            if new[name]["metadata"] != base[name]["metadata"] and name in ours:
                points = new[name]["metadata"]["nbgrader"]["points"]
                assert joined[name]["metadata"]["nbgrader"]["points"] == points or f"n: {name}" in said or points == 0
        if not any(edit[0] == "unname" for edit in mine):
            assert ours.keys() - base.keys() <= joined.keys()
            assert not (base.keys() - ours.keys()) & joined.keys(), "what the instructor removed came back"
        assert (new.keys() - base.keys()) <= joined.keys()
        assert len(merged["cells"]) == len({id(one) for one in merged["cells"]})

    holds()


@settings(max_examples=50, deadline=None)
@given(EDITS)
def test_one_side_alone_is_taken_as_it_is(edits):
    side = edited(edits)
    assert join_notebooks(Sides(BASE, side, BASE), "n") == (side, [])
    if not any(edit[0] == "unname" for edit in edits):
        assert join_notebooks(Sides(BASE, BASE, side), "n") == (side, [])
        assert join_notebooks(Sides(BASE, side, side), "n") == (side, [])


def test_points_and_text_come_together():
    own = edited([("points", "check_double", 3)])
    fresh = edited([("text", "check_double", 0, 1, ["1"])])
    merged, left = join_notebooks(Sides(BASE, own, fresh), "n")
    assert left == []
    assert (merged["cells"][2]["source"], merged["cells"][2]["metadata"]["nbgrader"]["points"]) == (
        "1\ntwo\nthree\nfour",
        3,
    )


def test_where_both_changed_it_the_instructors_stays_and_is_named():
    own, fresh = (edited([("points", "area", n), ("text", "area", 1, 1, [f"    return {n}"])]) for n in (2, 3))
    merged, left = join_notebooks(Sides(BASE, own, fresh), "n")
    assert merged == own
    assert [(one.where, one.lines[-1]) for one in left] == [
        ("n: area: metadata: nbgrader: points", "+3"),
        ("n: area", "+    return 3"),
    ]


@pytest.mark.parametrize(("mine", "theirs"), [("delete", "text"), ("text", "delete")])
def test_one_removed_what_the_other_changed(mine, theirs):
    edits = {"delete": [("delete", "area")], "text": [("text", "area", 1, 1, ["    return 3"])]}
    own = edited(edits[mine])
    merged, left = join_notebooks(Sides(BASE, own, edited(edits[theirs])), "n")
    assert merged == own
    assert [one.where for one in left] == ["n: area"]


def test_lines_that_do_not_fit_together_do_not_come_together():
    base = "def f(x):\n    if x:\n        a = 1\n    return a"
    own = base.replace("    if x:\n        a = 1", "    a = 1")
    fresh = base.replace("        a = 1\n", "        a = 1\n        b = 2\n")
    text, left = join_texts(Sides(base, own, fresh), "f", fault_in("f.py"))
    assert text == own
    assert "+        b = 2" in left[0].lines
    assert join_texts(Sides('{"a": 1}', '{\n"b": 2}', '{"a": 1,\n"c": 1}'), "f", fault_in("f.json"))[0] == '{\n"b": 2}'


def test_data_is_joined_key_by_key():
    sides = Sides(
        {"a": 1, "b": {"c": 1, "d": 1}, "e": 1}, {"a": 2, "b": {"c": 2, "d": 1}}, {"a": 1, "b": {"c": 1}, "e": 1}
    )
    assert join_data(sides, "x") == ({"a": 2, "b": {"c": 2}}, [])
