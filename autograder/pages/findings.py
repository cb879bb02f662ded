"""What the report on a class needs of the files of one submission. Files that lie as they lay are not read again."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.gradebook.record import checksum_of, notes_of
from autograder.grading.looks import Looks, look, programs
from autograder.intake.submitted import SEEN
from autograder.judging.cells import mend
from autograder.judging.jobs import conditions
from autograder.judging.outputs import verdict_in
from autograder.judging.source import Source
from autograder.pages.alike import AddedCode, answers_in
from autograder.pages.causes import causes_of
from tito.notebooks import is_check, read
from tito.uses import answers_used, not_begun
from tito.workspace import UserError


@dataclass(frozen=True)
class Findings:
    """What was found in one submission.

    passed: graded cell → check → whether it passed
    causes: questions that are wrong by themselves → later ones that were judged with the course's answer to them
    answers: stub → what the student wrote
    ends: notes of the run: time-outs, and cells that ended Python
    put_back: what of the instructor's cells was put back
    """

    passed: dict[str, dict[str, bool]] = field(default_factory=dict)
    causes: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, AddedCode] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)
    put_back: list[str] = field(default_factory=list)


def findings_in(source: Source, students: Collection[str]) -> dict[str, Findings]:
    """student → what is found in the submission, in submitted/ and in autograded/."""
    root = source.workspace.root
    about = checksum_of(json.dumps([source.version, programs(), conditions()]).encode())
    looks, found = Looks(root / SEEN / "reported" / f"{source.module}.json", about), {}
    for student in students:
        submitted, autograded = (Path(root, station, student, source.module) for station in ("submitted", "autograded"))
        lies = look(submitted, autograded)
        if known := looks.found(student, lies):
            answers = {cell: AddedCode(**one) for cell, one in known["answers"].items()}
            found[student] = Findings(**known | {"answers": answers})
        else:
            found[student] = _findings(source, submitted, autograded)
            looks.note(student, lies, asdict(found[student]))
    looks.keep()
    return found


def _findings(source: Source, submitted: Path, autograded: Path) -> Findings:
    ends, put_back = notes_of(autograded), _put_back(source, submitted / source.path.name)
    try:
        notebook = read(autograded / source.path.name)
    except UserError:
        return Findings(ends=ends, put_back=put_back)
    verdicts = [verdict for cell in filter(is_check, notebook.cells) if (verdict := verdict_in(cell))]
    causes = causes_of(verdicts, answers_used(source.notebook, notebook), not_begun(notebook))
    return Findings(
        passed={one["grade_id"]: {line["name"]: not line["reason"] for line in one["lines"]} for one in verdicts},
        causes={cause.name: cause.given for cause in causes},
        answers=answers_in(notebook, source),
        ends=ends,
        put_back=put_back,
    )


def _put_back(source: Source, submitted: Path) -> list[str]:
    try:
        return mend(read(submitted), source)[1]
    except UserError:
        return ["the submitted notebook can't be read now"]
