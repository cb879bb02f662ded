"""tito report: gradebook and verdicts → the class page."""

from dataclasses import asdict
from pathlib import Path

from autograder.gradebook import copies
from autograder.gradebook.api import nbgrader_api
from autograder.judging.source import Source
from autograder.pages import report as reporting
from tito import targets
from tito.console import complain, escape, print_json
from tito.workspace import UserError, Workspace


def report(modules: list[str] | None, to: Path | None, json: bool) -> int:
    """Write the class page to `to`, or print its data. Raises UserError if nothing is graded yet."""
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules or workspace.released()]
    path = targets.file_at(to or workspace.root / "dist" / "report.html")
    with nbgrader_api(workspace) as api, api.gradebook as gradebook:
        copies.refresh(gradebook, workspace, [source.module for source in sources])
        reports = [reporting.report_on(workspace, gradebook, source) for source in sources]
    reports = [one for one in reports if modules or one.scores or one.doubts or one.not_graded]
    if not any(one.scores or one.doubts for one in reports):
        raise UserError("Nothing is graded yet. First: tito grade MODULE")
    for one in reports:
        for student, why in one.doubts.items():
            complain(f"left out of all figures: {one.module}, {student}: {why}")
    if json:
        print_json({"course": workspace.course.course, "modules": [asdict(one) for one in reports]})
    else:
        _write(workspace, reports, path)
    return 1 if any(one.doubts for one in reports) else 0


def _write(workspace: Workspace, reports: list[reporting.Report], path: Path) -> None:
    targets.put(path, reporting.page(workspace, reports), private=True)
    tell = targets.teller(path)
    for one in reports:
        tell(_line(one))
    tell(escape(f"Wrote {path}"))


def _line(one: reporting.Report) -> str:
    mean = "" if one.mean_share is None else f", mean {100 * one.mean_share:.0f} % of the points that are graded"
    looks = [
        ("handed in nothing", one.missing),
        ("not graded", one.not_graded),
        ("left out", one.doubts),
        ("wait for a person", one.waiting),
    ]
    said = "".join(f", {len(students)} {what}" for what, students in looks if students)
    return f"{one.module}: {len(one.scores)} graded{mean}{said}"
