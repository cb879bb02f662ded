"""tito new: a course of one's own, in a folder of its own."""

import sys
from pathlib import Path
from shlex import quote

from autograder.template.answers import Questionnaire
from autograder.template.start import Template, is_public, start
from tito import targets
from tito.console import complain, escape, say
from tito.programs import git
from tito.workspace import Course, UserError

HAND_OUT = {
    "git": "tito kit                 # dist/{repository}: push it to where your students clone",
    "jupyterhub": "tito kit                 # then hand out with nbgrader release_assignment {first}",
    "gradescope": "tito otter build {first}     # dist/otter/{first}: autograder.zip to upload, student/ to hand out",
    "canvas": "tito kit                 # later: tito collect {first} submissions.zip, tito grades export --for canvas",
    "moodle": "tito kit                 # later: tito collect {first} submissions.zip, tito grades export --for moodle",
}


def new(folder: Path, answers: Path | None, template: str | None, tag: str | None, remote: str | None) -> int:
    """Make a course. Returns the exit code."""
    source = Template.at(template) if template else Template.installed()
    if folder.exists():
        raise UserError(f"{folder} exists already. Nothing was changed.")
    written = Questionnaire.read(answers) if answers else None
    if not written:
        _refuse_nobody()
    course, given = start(source, tag, targets.folder_at(folder), lambda known: written or _asked(folder.name, known))
    for name in (name for name, row in course.modules.items() if row.state == "given"):
        say(f"{name} is given: other modules need it, and students get its solution.")
    if remote:
        git(folder, "remote", "add", "origin", remote)
    for url in filter(None, [remote]):
        if is_public(url):
            complain(f"everybody can read {url}, and this course has solutions: make it private before you push to it")
    say(f"{escape(str(folder))} is a course of its own. Keep it private: it has the solutions. The next commands:")
    first = next(name for name, row in course.modules.items() if row.state == "taught")
    for line in (
        f"cd {quote(str(folder))} && make setup && source .venv/bin/activate",
        f"tito release {first}",
        HAND_OUT[given.platform].format(first=first, repository=course.repository),
    ):
        say(f"  {escape(line)}")
    return 0


def _refuse_nobody() -> None:
    if not sys.stdin.isatty():
        raise UserError("Nobody is here to answer. Put the answers into a file, and name it: --answers FILE")


def _asked(name: str, known: Course) -> Questionnaire:
    return Questionnaire.ask(name, known, _ask, lambda text: say(escape(text)))


def _ask(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        raise UserError("no more answers. Nothing was changed.") from None
