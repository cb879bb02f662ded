"""Answer a dispute: what a check asked, what the reference and the submission reported, and how the points came.

For instructors and TAs: the answer holds hidden text.
"""

import contextlib
import difflib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.engine import sandbox
from autograder.engine.execute import Run
from autograder.gradebook import record
from autograder.intake.roster import everybody
from autograder.intake.times import STAMP
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.gaps import counts
from autograder.judging.judge import STRONG, Verdict, by_name, how_earned, judge_cell
from autograder.judging.outputs import verdict_in
from autograder.judging.source import EMISSIONS, Source, question_label
from autograder.judging.step import conditions_of, run_and_judge_alone, submitted_files
from tito.notebooks import grade_id, is_check, is_manual, read
from tito.workspace import UserError, Workspace


@dataclass
class Step:
    """One check of the cell. Values are short texts; a hidden check's are here, too."""

    check: str
    kind: str
    hidden: bool
    within: str  # how near is near enough
    reference: str
    submission: str
    reason: str | None  # why it failed; None if it holds


@dataclass
class Why:
    """Why a student has these points for a check.

    scores: what the gradebook has, and who gave it
    conditions, here: seed and versions of the recorded run, and those of a run here and now; without those of older
        records, which have none
    changed: what is not as it was when the check was graded
    differences: in what a rerun of the graded submission differs from the record; none if it agrees
    """

    module: str
    student: str
    check: str
    points: float
    earned: float
    rule: str
    asked: str
    steps: list[Step]
    problem: str | None
    scores: dict[str, float | None]
    conditions: dict
    here: dict
    changed: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def find_check(workspace: Workspace, check: str, module: str | None = None) -> tuple[Source, str]:
    """The source and the graded cell that `check` means: its name, with or without `check_`.

    Raises UserError for a check that is unknown, in several modules, or graded by a person.
    """
    sources = [Source.of(workspace, name) for name in ([module] if module else workspace.released())]
    found = [
        (source, name) for source in sources for name in source.check_cells if check in (name, question_label(name))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        modules = " and ".join(source.module for source, _ in found)
        raise UserError(f"{check} is a check of {modules}. Say which: --module {found[0][0].module}")
    cells = {name: source for source in sources for name in source.named_cells}
    for name, source in cells.items():
        if check in (name, question_label(name)) and is_manual(source.named_cells[name]):
            raise UserError(f"{name} of {source.module} is graded by a person: formgrader shows rubric and answer.")
    names = [name for source in sources for name in source.check_cells]
    where = f"{module} has no check" if module else "No module has a check"
    raise UserError(f"{where} {check!r}.{_near(check, names)}")


def _near(name: str, known: Collection[str]) -> str:
    by_label = {question_label(one): one for one in known}
    close = [by_label[one] for one in difflib.get_close_matches(question_label(name), by_label, n=3)]
    return f" Did you mean {' or '.join(close)}?" if close else ""


def explain_score(gradebook: Gradebook, db_url: str, source: Source, student: str, name: str, isolated: bool) -> Why:
    """Why `student` has these points for the graded cell `name`. Runs the graded submission again.

    isolated: whether to refuse to run it where it can't be shut in
    Raises UserError if nobody graded it, or if it can't be run here.
    """
    if isolated:
        sandbox.refuse_if_open()
    scores = _scores(gradebook, source, student, name)
    folder = source.workspace.root / "autograded" / student / source.module
    cell, notebook = _graded(folder, source, student, name)
    recorded, run = verdict_in(cell), _reports(folder)
    if recorded is None:
        raise UserError(f"{folder / source.path.name} has no verdict on {name}. Grade first: {_grade(source, student)}")
    kept = scores["by the machine"]
    changed = (
        [] if kept == recorded["earned"] else [f"the gradebook has {kept} points, and autograded/ another verdict"]
    )
    seed = record.seed_of(db_url, source.module, source.version)
    wanted = expected(source, seed).emissions.get(name, [])
    problem = run.problems.get(name)
    whole = judge_cell(source, name, wanted, run.emissions.get(name, []), problem, whole=True)
    if run.followed and whole.earned < recorded["earned"]:
        problem = run.followed.problems.get(name)
        whole = judge_cell(source, name, wanted, run.followed.emissions.get(name, []), problem, whole=True)
    again = _again(notebook, source, seed, folder, name, isolated)
    return Why(
        module=source.module,
        student=student,
        check=name,
        points=recorded["points"],
        earned=recorded["earned"],
        rule=_rule(source, name, recorded),
        asked=cell.source,
        steps=_steps(source, name, whole, wanted),
        problem=problem,
        scores=scores,
        conditions=run.conditions,
        here=conditions_of(source, seed),
        changed=[*changed, *_changed(source, student, name, cell, run.conditions.get("module"))],
        differences=_differences(recorded, again),
    )


def _scores(gradebook: Gradebook, source: Source, student: str, name: str) -> dict[str, float | None]:
    try:
        grade: Any = gradebook.find_grade(name, source.path.stem, source.module, student)
    except MissingEntry:
        known = everybody(source.workspace, gradebook)
        if student not in known:
            close = difflib.get_close_matches(student, known, n=3)
            hint = f" Did you mean {' or '.join(close)}?" if close else ""
            raise UserError(f"There is no student {student!r} in the gradebook or in submitted/.{hint}") from None
        raise UserError(f"{name} of {student} is not graded. Grade first: {_grade(source, student)}") from None
    given = {"by the machine": grade.auto_score, "by a person": grade.manual_score}
    return {**given, "as extra credit": grade.extra_credit}


def _grade(source: Source, student: str) -> str:
    return f"tito grade {source.module} --student {student}"


def _graded(folder: Path, source: Source, student: str, name: str) -> tuple[Any, Any]:
    """The graded cell as it was graded, and the notebook that holds it."""
    if not (folder / source.path.name).is_file():
        raise UserError(f"{source.module} of {student} is not in autograded/. Grade first: {_grade(source, student)}")
    notebook = read(folder / source.path.name)
    for cell in notebook.cells:
        if is_check(cell) and grade_id(cell) == name:
            return cell, notebook
    raise UserError(f"{name} is newer than the graded notebook of {student}. Grade again: {_grade(source, student)}")


def _reports(folder: Path) -> Run:
    """What the submission reported when it was graded."""
    try:
        return Run.unpacked((folder / EMISSIONS).read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / EMISSIONS} can't be read, so nobody can tell what was reported: {error}") from None


# --- what is told -------------------------------------------------------------------------------------


def _rule(source: Source, name: str, verdict: dict) -> str:
    """How the cell's points come from its checks."""
    lines = verdict["lines"]
    strong = [line for line in lines if line["kind"] in STRONG]
    gave = how_earned(verdict.get("given", []), verdict["earned"], verdict["points"])
    if source.partial(name):
        held = sum(not line["reason"] for line in strong)
        rule = f"{held} of {len(strong)} strong checks (reference, claim) hold; they share the points"
    else:
        held = sum(not line["reason"] for line in lines)
        rule = f"{held} of {len(lines)} checks hold; "
        if name in counts(source):
            rule += "the gaps of its answer share the points, and what fails costs the gaps that it asks about"
        else:
            rule += "without all of them, and a cell that ends well, there are no points"
    return f"{rule}. {gave}".rstrip(". ")


def _steps(source: Source, name: str, verdict: Verdict, wanted: list) -> list[Step]:
    asked = {check: messages[-1] for check, messages in by_name(wanted).items()}
    visible = source.visible_checks(name)
    return [
        Step(
            line.name,
            line.kind,
            line.name not in visible,
            _within(asked[line.name]),
            line.want or "",
            line.got or "",
            line.reason,
        )
        for line in verdict.lines
    ]


def _within(message: dict) -> str:
    """How near to the reference a value must be."""
    if message["kind"] in ("raises", "claim"):
        return {"raises": "the exception, and its message", "claim": "what the JUDGE block accepts"}[message["kind"]]
    if not message["rtol"] and not message["atol"]:
        return "equal"
    floor = "" if message["atol"] is None else f", atol {message['atol']:g}"
    return f"rtol {message['rtol']:g}{floor}" + (", the same dtype" if message.get("dtype") else "")


# --- whether it still holds ---------------------------------------------------------------------------


def _again(notebook, source: Source, seed: int, folder: Path, name: str, isolated: bool) -> Verdict:
    """The verdict on the graded submission, run again here and now."""
    mended, files = mend(notebook, source)[0], submitted_files(folder, source)
    _, judged = run_and_judge_alone(mended, source, seed, files, isolated=isolated)
    return next(verdict for verdict in judged if verdict.grade_id == name)


def _differences(recorded: dict, again: Verdict) -> list[str]:
    found = []
    if again.earned != recorded["earned"]:
        found.append(f"{again.earned:g} points, where {recorded['earned']:g} were recorded")
    if again.problem != recorded["problem"]:
        found.append(f"the cell {again.problem or 'ended well'}; recorded: it {recorded['problem'] or 'ended well'}")
    before = {line["name"]: line["reason"] for line in recorded["lines"]}
    now = {line.name: line.reason for line in again.lines}
    for check in {**before, **now}:
        if check not in before or check not in now:
            found.append(f"{check!r} is {'new' if check in now else 'gone'}")
        elif before[check] != now[check]:
            found.append(f"{check!r} {now[check] or 'holds'}; recorded: {before[check] or 'holds'}")
    return found


def _changed(source: Source, student: str, name: str, cell, version: str | None) -> list[str]:
    found = []
    if cell.source != source.check_cells[name].source:
        found.append(f"{name} has another text in source/ than when it was graded")
    elif version not in (None, source.version):
        found.append(f"source/{source.module} is not what it was when this was graded")
    submitted = source.workspace.root / "submitted" / student / source.module
    if not (submitted / source.path.name).is_file():
        found.append(f"{source.workspace.relative(submitted)} is gone")
    elif _work(submitted, source) != _work(source.workspace.root / "autograded" / student / source.module, source):
        found.append(f"{source.workspace.relative(submitted)} is not what was graded: {_grade(source, student)}")
    return found


def _work(folder: Path, source: Source) -> tuple[list, dict] | None:
    """What a student handed in, of a folder in submitted/ or autograded/; None if it can't be read."""
    with contextlib.suppress(UserError):
        mended, _ = mend(read(folder / source.path.name), source)
        files = {path: content for path, content in submitted_files(folder, source).items() if path != STAMP}
        return [(cell.cell_type, cell.source) for cell in mended.cells], files
    return None
