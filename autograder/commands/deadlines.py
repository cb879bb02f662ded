"""tito deadlines: who has until when, who handed in when, and what that costs."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from autograder.deadlines.accommodations import FILE
from autograder.deadlines.deadlines import Deadlines
from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.standing import Standing, standings
from autograder.intake.times import IN_TIME
from tito import clock
from tito.console import complain, escape, print_json, say, table
from tito.workspace import Workspace


def deadlines(module: str | None, student: str | None, json: bool) -> int:
    workspace = Workspace.find()
    modules = [workspace.module(module).name] if module else workspace.released()
    with nbgrader_api(workspace) as api, api.gradebook as gradebook:
        rows = standings(workspace, gradebook, modules, student)
    zone = workspace.course.zone
    if json:
        print_json([_plain(row, zone) for row in rows])
    else:
        _show(rows, zone)
    given = Deadlines.of(workspace)
    for name in modules:
        for who, own in given.idle(name).items():
            if student in (None, who):
                complain(
                    f"{name}, {who}: {clock.shown(own, zone)} in {FILE} changes nothing: the course's is not earlier"
                )
    return 1 if any(row.trouble for row in rows) else 0


def _plain(row: Standing, zone: ZoneInfo | None) -> dict:
    """A row for programs: times by the course's clock with their offset, spans in seconds."""
    values = {name: _local(value, zone) for name, value in asdict(row).items()}
    return {name: value.total_seconds() if isinstance(value, timedelta) else value for name, value in values.items()}


def _local(value, zone: ZoneInfo | None):
    return value.astimezone(zone or UTC).isoformat() if isinstance(value, datetime) else value


def _show(rows: list[Standing], zone: ZoneInfo | None) -> None:
    shown = table("module", "student", "due", "extension", "handed in", "late by", "costs")
    for row in rows:
        extension, late = _span(row.extension), _span(row.late_by)
        due, handed_in = _when(row.due, zone), _handed_in(row, zone)
        shown.add_row(row.module, escape(row.student), due, extension, handed_in, late, _costs(row))
    say(shown)


def _handed_in(row: Standing, zone: ZoneInfo | None) -> str:
    if row.trouble:
        return f"[bold red]{escape(row.trouble)}[/]"
    return IN_TIME if row.in_time else _when(row.handed_in, zone)


def _when(moment: datetime | None, zone: ZoneInfo | None) -> str:
    return f"{moment.astimezone(zone or UTC):%Y-%m-%d %H:%M:%S %Z}" if moment else ""


def _span(span: timedelta | None) -> str:
    return str(span).partition(".")[0] if span else ""


def _costs(row: Standing) -> str:
    points = "" if row.points is None else f", {row.points:g} points"
    return f"{100 * row.share:g} %{points}" if row.share else ""
