"""tito grades export: gradebook → CSV."""

from pathlib import Path

from nbgrader.api import Gradebook

from autograder.gradebook.api import nbgrader_api
from autograder.handing_back.export import FORMATS
from autograder.intake.submitted import at_work
from tito import targets
from tito.console import complain, escape
from tito.workspace import UserError, Workspace

FEW = 5  # students, who are named


def export_grades(modules: list[str] | None, kind: str, to: Path | None, student: str | None, anyway: bool) -> int:
    """Write the scores of modules, or of all, to `to`. kind: a name in FORMATS. Raises UserError for unknown names."""
    if kind not in FORMATS:
        raise UserError(f"There is no format {kind!r}. The formats: {', '.join(FORMATS)}.")
    workspace = Workspace.find()
    chosen = [workspace.module(name).name for name in modules or []]
    path = targets.file_at(to or Path(f"grades-{kind}.csv"))
    with nbgrader_api(workspace) as api, api.gradebook as gradebook:
        _refuse_unknown(gradebook, chosen, workspace.released(), student)
        plugin = FORMATS[kind](
            to=str(path), assignment=chosen, student=[student] if student else [], anyway=anyway, parent=api
        )
        graded_now = [name for name in chosen or workspace.released() if at_work(workspace, name)]
        doubtful = plugin.write(gradebook)
        waits = [] if anyway or kind == "plain" else _waits(plugin.waiting)
    targets.teller(path)(escape(f"Wrote {path}"))
    if plugin.left_out:
        complain(f"left out, because it is not taught now: {', '.join(plugin.left_out)}. Name it to export it")
    if graded_now:
        complain(f"somebody works on {', '.join(graded_now)} right now: export again when they have finished")
    if waits:
        complain(f"no score where answers wait for a person: {'; '.join(waits)}. --anyway exports them as they are")
    for one in doubtful:
        complain(f"no score for {one}")
    return 1 if doubtful else 0


def _refuse_unknown(gradebook: Gradebook, modules: list[str], taught: list[str], student: str | None) -> None:
    """Raise UserError for modules or a student that the gradebook lacks: nbgrader would leave them out silently."""
    known = {one.name for one in gradebook.assignments}
    missing = [name for name in modules if name not in known]
    if missing or not known & {*(modules or taught)}:
        raise UserError(f"Not in the gradebook: {', '.join(missing) or 'any module'}. First: tito release")
    if student and student not in {one.id for one in gradebook.students}:
        raise UserError(f"The gradebook knows no student {student!r}.")


def _waits(waiting: dict[str, list[str]]) -> list[str]:
    """Whose scores wait in each module, in a few words: by name, or of many how many."""
    return [
        f"{module}: {len(waits)} of the class" if len(waits) > FEW else f"{module}: {', '.join(waits)}"
        for module, waits in waiting.items()
        if waits
    ]
