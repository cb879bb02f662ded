"""Collect from nbgrader's exchange by the deadlines of this course."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import temp_attrs

from autograder.deadlines.deadlines import Deadlines
from autograder.intake.roster import everybody
from tito.workspace import Workspace


class Collect(ExchangeCollect):
    """`nbgrader collect`. With `--before-duedate` the newest attempt before the student's own deadline counts, by
    course.yml and accommodations.yml as they are now. If there is none, the newest counts.
    """

    coursedir: Any  # a CourseDirectory, whose traits have no types
    before_duedate: Any
    deadlines: Deadlines | None = None

    def init_src(self) -> None:
        """Choose an attempt of each student. Raises UserError if a deadline can't be told."""
        if self.before_duedate:
            workspace = Workspace.find(Path(self.coursedir.root))
            workspace.row(self.coursedir.assignment_id)
            self.deadlines = Deadlines.of(workspace)
            with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
                self.deadlines.allowed.refuse_unknown({*everybody(workspace, gradebook), *self._senders()})
        with temp_attrs(self, before_duedate=False):  # nbgrader knows the gradebook's copy of one deadline for all
            super().init_src()

    def _senders(self) -> set[str]:
        inbound = Path(self.root, self.coursedir.course_id, "inbound")
        return {path.name.rsplit("+", 3)[0] for path in inbound.glob("*+*+*")}

    def _sort_by_timestamp(self, records: list[dict]) -> list[dict]:
        """The attempts of one student; the one that counts comes first."""
        return sorted(records, key=self._rank, reverse=True)

    def _rank(self, attempt: dict) -> tuple[bool, datetime]:
        sent = attempt["timestamp"].replace(tzinfo=UTC)
        student, module = attempt["username"], self.coursedir.assignment_id
        late = self.deadlines and self.deadlines.late_by(student, module, sent)
        return not late, sent
