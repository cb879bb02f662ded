"""Verdicts as outputs of cells, in the form that nbgrader scores."""

import html
from dataclasses import asdict

from nbformat.v4 import new_output

from autograder.engine.execute import Run
from autograder.judging.judge import Verdict, how_earned, told_problem
from tito.notebooks import grade_id, is_check

VERDICT_MIME = "application/vnd.tinytorch.verdict+json"


def with_verdicts(nb, judged: list[Verdict], run: Run):
    """The notebook `nb` itself, with verdicts as outputs of its graded cells, and with the problems of other cells."""
    by_name = {verdict.grade_id: verdict for verdict in judged}
    for cell in nb.cells:
        name = grade_id(cell)
        if is_check(cell) and name in by_name:
            cell.outputs = [_verdict_output(by_name[name])]
        elif cell.cell_type == "code" and name in run.problems:
            problem = told_problem(run.problems[name], run.worded and run.worded.problems.get(name))
            cell.outputs = [*cell.get("outputs", []), _problem_output(problem)]
    return nb


def _verdict_output(verdict: Verdict):
    """An execute_result whose text is the score: nbgrader takes it as partial credit."""
    data = {
        "text/plain": str(verdict.earned),
        "text/html": _verdict_html(verdict),
        VERDICT_MIME: asdict(verdict),
    }
    return new_output("execute_result", data, execution_count=None)


def _problem_output(problem: str | None):
    return new_output("display_data", {"text/plain": f"When graded, this cell {problem}."})


def _verdict_html(verdict: Verdict) -> str:
    rows = "".join(
        f"<tr><td>{'passed' if line.passed else 'failed'}</td><td>{html.escape(line.name)}</td>"
        f"<td>{html.escape(line.reason or '')}</td></tr>"
        for line in verdict.lines
    )
    problem = f"<p>This cell {html.escape(verdict.problem)}.</p>" if verdict.problem else ""
    given = how_earned(verdict.given, verdict.earned, verdict.points)
    gave = f"<p>{html.escape(given)}</p>" if given else ""
    return f"<p>{verdict.earned:g} of {verdict.points:g} points</p>{gave}{problem}<table>{rows}</table>"


def verdict_in(cell) -> dict | None:
    """The verdict that the judge wrote into a graded cell, as a dict; None if there is none."""
    found = [output.data[VERDICT_MIME] for output in cell.get("outputs", []) if VERDICT_MIME in output.get("data", {})]
    return found[-1] if found else None
