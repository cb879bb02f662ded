"""The matrix of mistakes tells who catches each, and what to look at."""

import ast

from matrix import ENOUGH, Caught, caught, flags
from versions import all_versions

from autograder.judging.judge import Line


def test_no_mistake_is_there_twice(source):
    names: dict[tuple, list[str]] = {}
    for version in all_versions(source.module, "wrong"):
        cells = tuple((name, ast.unparse(ast.parse(text))) for name, text in version.cells.items())
        names.setdefault(cells, []).append(version.name)
    assert [same for same in names.values() if len(same) > 1] == []


def test_a_row_says_who_catches_it():
    versions = {version.name: version for version in all_versions("cnn", "wrong")}
    rows = [caught(versions[f"output_size_{name}"]) for name in ("rounds_up", "padding_once")]
    assert [row.by for row in rows] == ["visible", "visible"]
    assert "'3 in 32, stride 2, padding 1' and 2 more" in rows[0].row()
    assert list(flags(rows)) == [f"has 2 wrong versions, and should have {ENOUGH}"]


def test_two_that_report_the_same_are_flagged():
    one, other, third = all_versions("setup", "wrong")[:3]
    same = [{"kind": "reference", "name": "a", "value": 1}]
    rows = [
        Caught(one, (Line("a", "reference", "differs"),), [same]),
        Caught(other, (), [same]),
        Caught(third, (), [[]]),
    ]
    assert list(flags(rows))[1:] == [f"{one.name} and {other.name} report the same"]
    assert [row.by for row in rows] == ["hidden", "nobody", "nobody"]
