"""tito report: gradebook and verdicts → the class page."""

from dataclasses import asdict
from pathlib import Path

from autograder.gradebook.api import nbgrader_api
from autograder.judging.source import Source
from autograder.pages import report as reporting
from tito.console import escape, print_json, say
from tito.workspace import UserError, Workspace


def report(modules: list[str] | None, to: Path | None, json: bool) -> int:
    """Write the class page to `to`, or print its data. Raises UserError if nothing is graded yet."""
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules or workspace.released()]
    path = (to or workspace.root / "dist" / "report.html").resolve()
    with nbgrader_api(workspace) as api, api.gradebook as gradebook:
        reports = [reporting.report_on(workspace, gradebook, source) for source in sources]
    reports = [one for one in reports if modules or one.scores or one.not_graded]
    if not any(one.scores for one in reports):
        raise UserError("Nothing is graded yet. First: tito grade MODULE")
    if json:
        print_json({"course": workspace.course.course, "modules": [asdict(one) for one in reports]})
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(reporting.page(workspace, reports), encoding="utf-8")
    for one in reports:
        say(_line(one))
    say(escape(f"Wrote {path}"))
    return 0


def _line(one: reporting.Report) -> str:
    mean = "" if one.mean is None else f", mean {one.mean:.3g} of {one.max_score:g}"
    looks = [("handed in nothing", one.missing), ("not graded", one.not_graded), ("wait for a person", one.waiting)]
    said = "".join(f", {len(students)} {what}" for what, students in looks if students)
    return f"{one.module}: {len(one.scores)} graded{mean}{said}"
