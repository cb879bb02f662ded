from tito.uses import answers_used


def notebook(**cells):
    """Cells by their names: `ask_…` are stubs, `check_…` checks, others given."""
    return {"cells": [_cell(name, text) for name, text in cells.items()]}


def _cell(name, text):
    nbgrader = {
        "grade_id": name,
        "grade": name.startswith("check_"),
        "solution": name.startswith("ask_"),
        "locked": not name.startswith("ask_"),
        "schema_version": 3,
        "task": False,
    }
    return {"cell_type": "code", "source": text, "metadata": {"nbgrader": nbgrader}}


ANSWERS = {
    "ask_one": "def one(): ...",
    "check_one": "one()",
    "ask_two": "def two(): ...",
    "check_two": "two()",
}


def used(given, check):
    return answers_used(notebook(**ANSWERS, given=given, ask_three="def three(): ...", check_three=check))[
        "check_three"
    ]


def test_of_a_given_cell_only_those_definitions_count_that_are_used():
    given = "class Base: ...\nclass One(Base):\n    made = one\n"
    given += "def both():\n    return One(), helper()\ndef helper():\n    two()\n"
    assert used(given, "Base()") == set()
    assert used(given, "One()") == {"check_one"}
    assert used(given, "both()") == {"check_one", "check_two"}


def test_what_a_given_cell_does_when_it_runs_counts_always():
    assert used("known = {}\nknown['one'] = one\ndef unused():\n    two()", "known") == {"check_one"}
    assert used("known = {}\n@known.setdefault\ndef kept():\n    two()\ndef look(): ...", "look()") == {"check_two"}
    assert used("made = (\ndef look(): ...", "look()") == set()  # no Python
    assert used("def look(): ...\nmade = " + "+".join(["1"] * 20_000), "look()") == set()  # too deep to take apart
