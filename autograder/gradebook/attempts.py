"""The attempts that students have had: hand-ins that `tito watch` has graded and answered."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from autograder.gradebook.tables import ATTEMPTS


@dataclass(frozen=True)
class Attempt:
    """A row of the table ATTEMPTS. handed_in: in UTC"""

    module: str
    student: str
    name: str
    handed_in: datetime
    day: date
    score: float | None


class Attempts:
    """All attempts in a gradebook. One process adds to them: the one that watches."""

    def __init__(self, gradebook: Any):
        columns = [ATTEMPTS.c[name] for name in Attempt.__dataclass_fields__]
        self.all: list[Attempt] = []
        for row in gradebook.db.execute(sa.select(*columns)).mappings():
            self.all.append(Attempt(**{**row, "handed_in": row["handed_in"].replace(tzinfo=UTC)}))

    @property
    def names(self) -> set[tuple[str, str]]:
        """(module, name) of each hand-in that was answered."""
        return {(one.module, one.name) for one in self.all}

    def newest(self, module: str, student: str) -> datetime | None:
        """When the student's newest attempt was handed in; None if there is none."""
        return max((one.handed_in for one in self._of(module, student)), default=None)

    def used(self, module: str, student: str) -> dict[date, int]:
        """day → how many attempts the student has had on it."""
        return Counter(one.day for one in self._of(module, student))

    def _of(self, module: str, student: str) -> list[Attempt]:
        return [one for one in self.all if (one.module, one.student) == (module, student)]

    def add(self, gradebook: Any, attempt: Attempt) -> None:
        """Note an attempt, for good."""
        values = asdict(attempt) | {"at": _stored(datetime.now(UTC)), "handed_in": _stored(attempt.handed_in)}
        gradebook.db.execute(ATTEMPTS.insert().values(**values))
        gradebook.db.commit()
        self.all.append(attempt)


def _stored(moment: datetime) -> datetime:
    """In UTC, without an offset, as nbgrader keeps moments."""
    return moment.astimezone(UTC).replace(tzinfo=None)
