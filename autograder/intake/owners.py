"""Find the student that a file belongs to. The file's path says it, in the form of the system that wrote the path.

Each system is a plug-in for nbgrader's `zip_collect`.
"""

import re

from nbgrader.plugins import FileNameCollectorPlugin


class PathNames(FileNameCollectorPlugin):
    """The names of one system: `named_regexp` finds them in a part of a path, a folder's or the file's own."""

    def collect(self, submitted_file):
        """The named groups that the path has; None if it is of no such form."""
        found = re.search(self.named_regexp, submitted_file.replace("\\", "/"))
        return found and found.groupdict()


class MoodleNames(PathNames):
    """`Ada Lovelace_123456_assignsubmission_file`, a folder or the beginning of a file's name."""

    named_regexp = r"(?:^|/)(?P<full_name>[^/_]+)_(?P<student_id>\d+)_assignsubmission_[a-z]+_?/?(?P<file_id>[^/]*)"


class CanvasNames(PathNames):
    """`lovelaceada_LATE_4711_998877_tensor_dev-2.ipynb`: user, file, and how often it was handed in before."""

    named_regexp = (
        r"(?:^|/)(?P<full_name>[^/_]+)(?:_(?P<late>LATE))?_(?P<student_id>\d+)_(?P<order>\d+)_"
        r"(?P<file_id>[^/]*?)(?:-(?P<attempt>\d+))?(?:\.\w+)?(?:/|$)"
    )


class ExchangeNames(PathNames):
    """nbgrader's exchange, `ada+tensor+2026-11-25 10:15:00.000000 UTC+a1b2c3`."""

    named_regexp = (
        r"(?:^|/)(?P<student_id>[^/+]+)\+(?P<module>[^/+]+)\+(?P<timestamp>[^/+]+(?:\+\d\d:?\d\d(?=[+/]))?)(?:\+[^/]*)?"
        r"/(?P<file_id>.*)"
    )


class AttemptNames(PathNames):
    """`tensor_ada_attempt_2026-11-25-10-15-00_tensor_dev.ipynb`, of nbgrader's own documentation; Blackboard's, too."""

    named_regexp = (
        r"(?:^|/)[^/]*?_(?P<student_id>[^/_]+)_attempt_(?P<timestamp>\d{4}(?:-\d\d){5})_?(?P<file_id>[^/]*)(?:/|$)"
    )


class SubmittedNames(PathNames):
    """`ada/tensor/tensor_dev.ipynb`, as in submitted/."""

    named_regexp = r"(?:^|/)(?P<student_id>[^/]+)/(?P<module>[^/]+)/(?P<file_id>[^/]+)$"


SYSTEMS = (MoodleNames, ExchangeNames, AttemptNames, CanvasNames)


def owner(path: str) -> dict | None:
    """What a path says about its student: system, student_id and, depending on the system, more; None for nothing."""
    for system in SYSTEMS:
        found = system().collect(path)
        if found:
            return {"system": system.__name__, **found}
    return None
