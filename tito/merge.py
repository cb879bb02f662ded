"""Merging a corrected notebook of the course with what a student has written, cell by cell."""

from tito.notebooks import cell_name, grade_id, is_check, is_locked


def merge(base: dict, own: dict, fresh: dict) -> tuple[dict, list[str]]:
    """Put what a student changed between `base` and `own` into `fresh`. Returns that, and the cells both changed.

    The student's text wins in stubs, answers and demos. The course's text wins in the cells that grading puts back.
    """
    old, mine = ({cell_name(cell): cell for cell in one["cells"]} for one in (base, own))
    added, both = _additions(own, base, fresh), []
    cells = added.pop(None, [])
    for cell in fresh["cells"]:
        key = cell_name(cell)
        if key in mine:
            before = old.get(key, cell)["source"]
            theirs = mine[key]["source"] != before and not _is_the_courses(cell)
            if theirs and cell["source"] not in (before, mine[key]["source"]):
                both.append(key)
            cells.append(_with_text(cell, mine[key]) if theirs or cell["source"] == mine[key]["source"] else cell)
        elif key not in old or grade_id(
            cell
        ):  # a new cell, or one that grading needs; a demo that the student deleted stays deleted
            cells.append(cell)
        cells += added.get(key, [])
    return {**fresh, "cells": cells}, both


def _additions(own: dict, base: dict, fresh: dict) -> dict[str | None, list]:
    """The student's own cells: the name of the cell that they follow -> the cells."""
    old, kept = (
        {cell_name(cell): cell["source"] for cell in base["cells"]},
        {cell_name(cell) for cell in fresh["cells"]},
    )
    added, last = {}, None
    for cell in own["cells"]:
        key = cell_name(cell)
        if key in kept:
            last = key
        elif key not in old or (cell["source"] != old[key] and not _is_the_courses(cell)):
            added.setdefault(last, []).append({**cell, "metadata": {}})
    return added


def _is_the_courses(cell: dict) -> bool:
    return is_check(cell) or is_locked(cell) or (cell["cell_type"] == "markdown" and not _is_written(cell))


def _is_written(cell: dict) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution")) or not grade_id(cell)


def _with_text(cell: dict, mine: dict) -> dict:
    """`cell` with the text and the outputs of the student's."""
    kept = {key: mine[key] for key in ("source", "outputs", "execution_count") if key in mine and key in cell}
    return {**cell, **kept, "source": mine["source"]}
