"""Send feedback: to whom, and how. A page is not sent while an answer on it waits for a person."""

import zipfile
from glob import glob
from io import BytesIO
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash, temp_attrs
from traitlets import Bool

from autograder.gradebook.given import note_given
from autograder.gradebook.marks import submissions_of
from autograder.intake.archives import read_plain
from tito import files

MARK = '<meta name="generator" content="tito watch">'  # of a page that a final one may replace, and not the other way


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Sends pages through nbgrader's exchange, as formgrader's button does, but not to students whose answers wait."""

    coursedir: Any  # a CourseDirectory, whose traits have no types
    anyway = Bool(False, help="Also send pages on which answers wait for a person.").tag(config=True)

    def copy_files(self):
        """Copy the pages, without those on which answers wait."""
        module, students = self.coursedir.assignment_id, self._with_pages()
        with Gradebook(self.coursedir.db_url) as gradebook:
            found = submissions_of(gradebook, module, students)
            waits = {} if self.anyway else {who: one.waiting for who, one in found.items() if one.waiting}
            held = [student for student in students if student in waits]
            note_given(gradebook, module, [one for who, one in found.items() if who not in waits])
        for student in held:
            self.log.warning("Nothing is sent to %s: %s to be graded by a person", student, ", ".join(waits[student]))
        excluded = ",".join(filter(None, (self.coursedir.student_id_exclude, *held)))
        with temp_attrs(self.coursedir, student_id_exclude=excluded):
            super().copy_files()

    def _with_pages(self) -> list[str]:
        """The students who have pages, of those who were chosen."""
        excluded = self.coursedir.student_id_exclude.split(",")
        found = {Path(path).parent.parent.name for path in glob(f"{self.src_path}/*.html")}
        return sorted(found - set(excluded))


def came_by_exchange(page: Path) -> bool:
    """Whether a page's student handed in through the exchange. Otherwise the exchange can't send the page back."""
    return all((page.parent / name).is_file() for name in ("timestamp.txt", "submission_secret.txt"))


def answer_in_exchange(api: Any, hand_in: Path, notebook: str, page: str) -> bool:
    """Lay a provisional page where the student's `nbgrader fetch_feedback` finds it, unless a final one lies there.

    hand_in: what arrived through the exchange
    notebook: its name, without .ipynb
    Returns whether the page was laid there: a hand-in that came in another way has no place in the exchange.
    """
    secret = hand_in / "submission_secret.txt"
    if hand_in.is_symlink() or not secret.is_file():
        return False
    exchange: Any = ReleaseFeedback(coursedir=api.coursedir, config=api.config)  # its traits have no types
    exchange.init_dest()
    name = notebook_hash(secret=read_plain(secret, 1000).decode(), notebook_id=notebook)
    target = Path(exchange.dest_path, f"{name}.html")
    if target.exists() and MARK not in target.read_text(encoding="utf-8"):
        return False
    files.write(target, page.replace("<head>", f"<head>\n{MARK}", 1), mode=0o644)  # the grader's umask may be 077
    return True


def zip_page(page: Path, target: Path) -> None:
    """Write a zip with one page to `target`."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(page, page.name)
    files.write(target, content.getvalue(), private=True)
