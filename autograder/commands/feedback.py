"""tito feedback: autograded → feedback, and from there to students."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder import sending
from autograder.feedback import label
from autograder.source import Source
from autograder.stations import must, nbgrader
from tito.console import escape, print_json, say
from tito.workspace import UserError, Workspace

WAITS = "waits for a person"


@dataclass
class Result:
    """One student's page, and what became of it."""

    module: str
    student: str
    page: str
    waiting: list[str]  # answers that a person has to grade
    sent: list[str] = field(default_factory=list)
    trouble: str | None = None


def feedback(modules: list[str], student: str | None, zipped: bool, exchange: bool, anyway: bool, json: bool) -> int:
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules]
    for source in sources:
        _refuse_ungraded(source, student)
    with nbgrader(workspace) as api:
        results = [result for source in sources for result in _make(api, source, student)]
        for result in results:
            _send(api, workspace, result, zipped, exchange, anyway)
    if json:
        print_json([asdict(result) for result in results])
    else:
        for source in sources:
            _show(source.module, [result for result in results if result.module == source.module], zipped or exchange)
    return 1 if any(result.trouble for result in results) else 0


def _refuse_ungraded(source: Source, student: str | None) -> None:
    if not _graded(source, student):
        whom = f" of {student}" if student else ""
        raise UserError(f"No graded submission{whom} of {source.module}. Grade first: tito grade {source.module}")


def _graded(source: Source, student: str | None) -> list[Path]:
    return list((source.workspace.root / "autograded").glob(f"{student or '*'}/{source.module}/{source.path.name}"))


def _make(api, source: Source, student: str | None) -> list[Result]:
    """Make the pages of a module, of all whose work was graded."""
    must(api.generate_feedback(source.module, student, force=True), f"The feedback for {source.module}")
    root, name = source.workspace.root, f"{source.path.stem}.html"
    with api.gradebook as gradebook:
        waits = sending.who_waits(gradebook, source.module)
    students = sorted(path.parent.parent.name for path in _graded(source, student))
    pages = {who: root / "feedback" / who / source.module / name for who in students}
    return [Result(source.module, who, source.workspace.relative(pages[who]), waits.get(who, [])) for who in students]


def _send(api, workspace: Workspace, result: Result, zipped: bool, exchange: bool, anyway: bool) -> None:
    """Send a page in the ways that were asked for; nothing of one who waits, not even an older zip."""
    page, target = workspace.root / result.page, _zip(workspace, result)
    if result.waiting and not anyway:
        target.unlink(missing_ok=True)
        result.trouble = WAITS if zipped or exchange else None
        return
    if zipped:
        sending.pack(page, target)
        result.sent.append(workspace.relative(target))
    if exchange:
        _release(api, result, page, anyway)


def _zip(workspace: Workspace, result: Result) -> Path:
    return workspace.root / "dist" / "feedback" / result.module / f"{result.student}.zip"


def _release(api, result: Result, page: Path, anyway: bool) -> None:
    if not sending.came_by_exchange(page):
        result.trouble = "did not hand in through the exchange"
        return
    api.config.ReleaseFeedback.anyway = anyway
    try:
        must(api.release_feedback(result.module, result.student), f"Sending {result.module} to {result.student}")
    except UserError as error:  # costs nobody else anything
        result.trouble = str(error)
    else:
        result.sent.append("exchange")


def _show(module: str, results: list[Result], sending: bool) -> None:
    say(f"{module}: {len(results)} page{'s' * (len(results) != 1)} in feedback/*/{module}/")
    if sending:
        zips = sum(any(way.endswith(".zip") for way in result.sent) for result in results)
        sent = sum("exchange" in result.sent for result in results)
        say(f"{module}: sent {zips} as dist/feedback/{module}/<student>.zip, {sent} through the exchange")
    remarks = defaultdict(list)
    for result in results:
        for remark in _remarks(result):
            remarks[remark].append(result.student)
    for remark, students in remarks.items():
        say(escape(f"{module}: {remark}: {', '.join(students)}"))


def _remarks(result: Result) -> Iterator[str]:
    if result.waiting:
        held = ", so nothing was sent" if result.trouble == WAITS else ""
        yield f"{', '.join(map(label, result.waiting))} to be graded by a person{held}"
    if result.trouble not in (None, WAITS):
        yield f"not sent, {result.trouble}"
