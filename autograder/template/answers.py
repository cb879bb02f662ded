"""What `tito new` asks an instructor, and the term.yml that follows."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.deadlines.late import Rule
from tito import clock
from tito.manifest import FOLDERS, folder_fault, load_yaml
from tito.workspace import Course, UserError

PLATFORMS = ("git", "jupyterhub", "gradescope", "canvas", "moodle")
HEAD = """\
# Yours alone, laid over course.yml, which comes with each version of the course: title, dates, late rule, limits,
# states of modules (taught, draft, given, elective, hidden), modules of your own. No secrets: git keeps this file.
"""


@dataclass(frozen=True)
class Questionnaire:
    """The answers. Each field's metadata has the question."""

    course: str = field(metadata={"asks": "Course id, as in ml101"})
    title: str = field(metadata={"asks": "Title, as in Machine Learning 101"})
    timezone: str = field(metadata={"asks": "Time zone, as in Europe/Berlin"})
    first_due: str | None = field(
        default=None, metadata={"asks": "First due date, as in 2027-02-01 23:59 (empty: none)"}
    )
    every_days: int = field(default=7, metadata={"asks": "Days from one module to the next"})
    modules: list[str] | str = field(default="all", metadata={"asks": "Modules to teach, by name, or all"})
    institution: str | None = field(default=None, metadata={"asks": "Institution (empty: none)"})
    repository: str = field(default="TinyTorch", metadata={"asks": "Name of the students' workspace"})
    late: dict | None = field(default=None, metadata={"asks": "What a day late costs, in percent (empty: nothing)"})
    platform: str = field(default="git", metadata={"asks": f"Platform: {', '.join(PLATFORMS)}"})

    @classmethod
    def read(cls, path: Path) -> "Questionnaire":
        """The answers in a YAML file. Raises UserError for what is unknown, missing or impossible."""
        try:
            given = load_yaml(path, "answers")
        except ValueError as error:
            raise UserError(str(error)) from None
        known = {one.name: one for one in fields(cls)}
        if unknown := [str(name) for name in given if name not in known]:
            raise UserError(f"{path}: there is no question {', '.join(unknown)}. The questions: {', '.join(known)}.")
        missing = [name for name, one in known.items() if one.default is MISSING and given.get(name) is None]
        if missing:
            raise UserError(f"{path}: no answer to {', '.join(missing)}")
        return cls(**{name: _plain(name, value) for name, value in given.items()})

    @classmethod
    def ask(cls, name: str, course: Course, ask: Callable[[str], str], tell: Callable[[str], None]) -> "Questionnaire":
        """The answers of a person. An answer that can't be is asked for again, after `tell` said why.

        name: of the new course's folder, the usual course id
        course: the template's
        """
        tell(f"Enter takes what stands in brackets. The modules: {', '.join(course.modules)}.")
        found: dict[str, Any] = {}
        for one in fields(cls):
            usual = name if one.name == "course" else one.default
            shown = "" if usual in (None, MISSING) else f" [{usual}]"
            while one.name not in found:
                said = ask(f"{one.metadata['asks']}{shown}: ").strip()
                if not said and usual is MISSING:
                    tell("This question has no usual answer.")
                else:
                    try:
                        answer = _typed(one.name, said) if said else usual
                        term_of(cls(**{**SO_FAR, **found, one.name: answer}), course)
                        found[one.name] = answer
                    except UserError as error:
                        tell(str(error))
        return cls(**found)


SO_FAR = {"course": "x", "title": "x", "timezone": "UTC"}  # until they are answered


def _plain(name: str, value: object) -> Any:
    """An answer as YAML gives it. YAML knows a time with seconds, and reads it as one."""
    return f"{value:%Y-%m-%d %H:%M}" if name == "first_due" and isinstance(value, datetime) else value


def _typed(name: str, said: str) -> Any:
    """An answer as a person types it."""
    try:
        if name == "late":
            return {"percent_per_day": _percent(said)}
        if name == "every_days":
            return int(said)
    except ValueError:
        raise UserError(f"{said!r} is no number") from None
    return said.replace(",", " ").split() if name == "modules" and said != "all" else said


def _percent(said: str) -> float:
    percent = float(said.removesuffix("%"))
    if not 0 <= percent <= 100:
        raise UserError(f"{said!r} is no number from 0 to 100")
    return percent


def term_of(answers: Questionnaire, course: Course) -> dict:
    """The content of term.yml. course: the template's. Raises UserError for an answer that can't be."""
    for name in ("course", "title", "repository"):
        if not isinstance(getattr(answers, name), str) or not getattr(answers, name).strip():
            raise UserError(f"{name} must be a text, not {getattr(answers, name)!r}")
    if answers.platform not in PLATFORMS:
        raise UserError(f"platform must be one of {', '.join(PLATFORMS)}, not {answers.platform!r}")
    for name in FOLDERS:
        if fault := folder_fault(name, getattr(answers, name)):
            raise UserError(fault)
    if type(answers.every_days) is not int or answers.every_days < 0:
        raise UserError(f"every_days must be a whole number of days, not {answers.every_days!r}")
    taught = _taught(answers, course)
    term: dict[str, Any] = {"course": answers.course, "title": answers.title, "repository": answers.repository}
    term |= {"institution": answers.institution} if answers.institution else {}
    term |= {"timezone": answers.timezone}
    term |= {"late": answers.late} if answers.late else {}
    states, dues = _states(course, taught), _dues(answers, taught)
    changed = {name: {"state": states[name]} for name, row in course.modules.items() if row.state != states[name]}
    rows = {name: changed.get(name, {}) | dues.get(name, {}) for name in course.modules}
    return {**term, "modules": {name: row for name, row in rows.items() if row}}


def _states(course: Course, taught: list[str]) -> dict[str, str]:
    """The state of each module where `taught` are taught. What is not taught in the template either stays as it is
    where its needs are met."""
    had = course.closure(taught)
    states = {name: "given" if name in had else "hidden" for name in course.modules} | dict.fromkeys(taught, "taught")
    kept = [row for row in course.modules.values() if row.name not in had and row.state in ("draft", "elective")]
    return states | {row.name: row.state for row in kept if set(row.needs) <= had}


def _taught(answers: Questionnaire, course: Course) -> list[str]:
    usual = [name for name, row in course.modules.items() if row.state == "taught"]
    if answers.modules == "all":
        return usual
    if not isinstance(answers.modules, list) or not answers.modules:
        raise UserError(f"modules must be all, or a list of names, not {answers.modules!r}")
    if unknown := [str(name) for name in answers.modules if name not in course.modules]:
        raise UserError(f"There is no module {', '.join(unknown)}. The modules: {', '.join(course.modules)}.")
    return [name for name in course.modules if name in answers.modules]


def _dues(answers: Questionnaire, taught: list[str]) -> dict[str, dict[str, str]]:
    """Each module's due date, as term.yml has it: at the same clock time, however the clocks change in between."""
    try:
        zone = clock.zone_named(answers.timezone)
        if not answers.first_due:
            return {}
        first = clock.moment(answers.first_due, zone)
    except ValueError as error:
        raise UserError(str(error)) from None
    moments = [clock.days_after(first, number * answers.every_days, zone) for number in range(len(taught))]
    return {name: {"due": _written(moment, zone)} for name, moment in zip(taught, moments, strict=True)}


def _written(moment: datetime, zone) -> str:
    """A moment as a clock time; with its offset where the clock shows that time twice."""
    shown = moment.astimezone(zone)
    text = f"{shown:%Y-%m-%d %H:%M}"
    try:
        return text if clock.moment(text, zone) == moment else shown.isoformat()
    except ValueError:
        return shown.isoformat()


def refuse_late_rule(course: Course) -> None:
    """Raise UserError for a late rule that can't be read."""
    for module in course.modules:
        Rule.of(course, module)
