"""What comes after a module's tests have passed: its milestone, its written answers, and handing it in."""

from tito import datasets, notebooks, state
from tito.export import is_rescued
from tito.workspace import Module, Workspace

TITO = "python bin/tito.py"


def after_tests(workspace: Workspace, row: Module) -> str:
    """What is left to do with a module whose tests pass; "" where nothing is left."""
    if workspace.instructor:
        return ""
    known = state.recall(workspace)
    if row.milestone and not known["milestones"].get(recipe_name(row), {}).get("reached"):
        return _milestone(workspace, row)
    own = notebooks.of(workspace, row.name)
    if is_rescued(workspace.export(row.name)) or is_submitted(known["submissions"].get(row.name), own):
        return ""
    return _hand_in(workspace, row.name, notebooks.empty_answers(own))


def recipe_name(row: Module) -> str:
    """The name of a milestone's recipe, and of its result in the state. Several modules may have the same milestone."""
    return f"{row.name}_{row.milestone}"


def is_submitted(submission: dict | None, notebook: dict) -> bool:
    """Whether the notebook is the same as when it was packed."""
    return bool(submission) and submission.get("digest") == notebooks.digest(notebook, written=True)


def _milestone(workspace, row):
    data = datasets.of_milestone(row.milestone)
    fetch = "" if datasets.is_there(workspace, data) else f"{TITO} data {data}, then "
    several = sum(other.milestone == row.milestone for other in workspace.course.modules.values()) > 1
    which = f" --module {row.name}" if several else ""
    return f"{fetch}{TITO} milestone {row.milestone}{which}  ({row.target})"


def _hand_in(workspace, module, empty):
    where = f'{workspace.relative(workspace.notebook(module))} ("{notebooks.NO_ANSWER}")'
    answer = f"answer {', '.join(empty)} in {where}, then " if empty else ""
    return f"{answer}{TITO} submit --module {module}"
