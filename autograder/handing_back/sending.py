"""Send feedback: to whom, and how. A page is not sent while an answer on it waits for a person."""

import zipfile
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import temp_attrs
from traitlets import Bool

from autograder.gradebook.waiting import who_waits


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Sends pages through nbgrader's exchange, as formgrader's button does, but not to students whose answers wait."""

    coursedir: Any  # a CourseDirectory, whose traits have no types
    anyway = Bool(False, help="Also send pages on which answers wait for a person.").tag(config=True)

    def copy_files(self):
        """Copy the pages, without those on which answers wait."""
        with Gradebook(self.coursedir.db_url) as gradebook:
            waits = {} if self.anyway else self._chosen(who_waits(gradebook, self.coursedir.assignment_id))
        for student, names in waits.items():
            self.log.warning("Nothing is sent to %s: %s to be graded by a person", student, ", ".join(names))
        excluded = ",".join(filter(None, (self.coursedir.student_id_exclude, *waits)))
        with temp_attrs(self.coursedir, student_id_exclude=excluded):
            super().copy_files()

    def _chosen(self, waits: dict[str, list[str]]) -> dict[str, list[str]]:
        chosen = self.coursedir.student_id
        return {student: names for student, names in waits.items() if chosen in ("", "*", student)}


def came_by_exchange(page: Path) -> bool:
    """Whether a page's student handed in through the exchange. Otherwise the exchange can't send the page back."""
    return all((page.parent / name).is_file() for name in ("timestamp.txt", "submission_secret.txt"))


def zip_page(page: Path, target: Path) -> None:
    """Write a zip with one page to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(page, page.name)
