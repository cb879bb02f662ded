"""tito why: how a student came to the points for one check."""

from dataclasses import asdict

from autograder.gradebook.api import nbgrader_api
from autograder.grading.why import Why, explain_score, find_check
from tito.console import complain, escape, print_json, say, table
from tito.workspace import Workspace


def why(student: str, check: str, module: str | None, isolated: bool, json: bool) -> int:
    """Show why `student` has these points for `check`. 1 if something has changed since, or a rerun differs."""
    workspace = Workspace.find()
    source, name = find_check(workspace, check, module)
    with nbgrader_api(workspace) as api, api.gradebook as gradebook:
        found = explain_score(gradebook, api.coursedir.db_url, source, student, name, isolated)
    if json:
        print_json(asdict(found))
    else:
        _show(found)
    for change in found.changed:
        complain(f"since it was graded: {change}")
    return 1 if found.changed or found.differences else 0


def _show(found: Why) -> None:
    say(f"[bold]{escape(found.student)}, {found.module}, {found.check}:[/] {found.earned:g} of {found.points:g} points")
    say(f"{found.rule}." + (f" The cell {escape(found.problem)}." if found.problem else ""))
    say(f"In the gradebook: {_given(found.scores)}.")
    say("\n[bold]What was asked[/]")
    say(escape("\n".join(f"    {line}" for line in found.asked.splitlines())))
    shown = table("check", "kind", "the reference", "the submission", "within", "")
    for step in found.steps:
        kind = f"{step.kind}, hidden" if step.hidden else step.kind
        outcome = f"[bold red]{escape(step.reason)}[/]" if step.reason else "[green]holds[/]"
        shown.add_row(*map(escape, (step.check, kind, step.reference, step.submission, step.within)), outcome)
    say("\n[bold]What was reported[/]")
    say(shown)
    say(f"[bold]The run:[/] {_versions(found)}")
    if found.differences:
        say("[bold red]A rerun differs:[/] " + escape("; ".join(found.differences)))
    else:
        say("[green]A rerun agrees[/] with the recorded verdict, check by check.")


def _given(scores: dict[str, float | None]) -> str:
    """The scores of the gradebook, each with who gave it."""
    return ", ".join(f"{score:g} {by}" for by, score in scores.items() if score is not None) or "no score"


def _versions(found: Why) -> str:
    """Seed and versions of the recorded run, and what is different here."""
    if not found.conditions:
        return f"its seed and versions were not recorded. Here: {_listed(found.here)}."
    other = {key: value for key, value in found.here.items() if found.conditions.get(key) != value}
    return f"{_listed(found.conditions)}. Here: {_listed(other) or 'the same'}."


def _listed(conditions: dict) -> str:
    return escape(", ".join(f"{key} {str(value)[:20]}" for key, value in conditions.items()))
