r"""Find the student that a file belongs to: the outermost name, which a system wrote, says it.

Nothing that a student named counts: neither what is inside a zip or folder of theirs, nor the end of a name, where
systems put the student's own file name. Each system is a plug-in for nbgrader's `zip_collect`, too. Its pattern follows
the system's source, or files that it made:

- Moodle, `public/mod/assign/classes/downloader.php`, `get_student_prefix` and `load_submissionplugin_filelist`: the
  full name, in which an underscore became a space; the number of a participant, which `get_uniqueid_for_user` makes for
  one assignment and no other; `assignsubmission`; the type. A folder, or the beginning of a file's name. No name says
  when, or whether it was late. For a team it has the team's name.
- Canvas, `lib/content_zipper.rb`, `get_filename` and `add_upload_submission`: the sortable name without what is no
  letter (in lower case; no `_\d+_` is in it); `LATE` if it was; the user's number, or `anon_` and a code; the file's
  number; the student's own file name, in which `Attachment.make_unique_filename` adds `-1` if that name was taken. No
  name says when. A text or an address is `…_text.html` or `…_link.html`. Only the newest attempt is in the zip.
- nbgrader, `exchange/default/submit.py`: student, assignment, time in UTC, a random code, joined by `+`.
- Blackboard, as described in https://github.com/kwurst/bb-file-cleanup: assignment, login, `attempt`, time, file name;
  beside them a text file with comments. Its zip is `gradebook_<course>_<assignment>_<time>.zip`. The time is the
  server's. nbgrader's documentation of `zip_collect` has the same form.
- Brightspace, as in https://github.com/squell/bb-scripts and files from it: two numbers, full name, `Nov 25, 2026 1015
  PM`, a folder or the beginning of a file's name; beside them an `index.html`. The time is that of the settings of
  whoever downloaded it, to the minute.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nbgrader.plugins import FileNameCollectorPlugin

from autograder.intake.ids import same_name


class PathNames(FileNameCollectorPlugin):
    """The names of one system: `named_regexp` finds them in a part of a path, a folder's or the file's own."""

    by_number = False  # whether a number in the name is the roster's lms_user_id

    def collect(self, submitted_file):
        """The named groups that the path has; None if it is of no such form."""
        found = re.search(self.named_regexp, submitted_file.replace("\\", "/"))
        return found and found.groupdict()


class MoodleNames(PathNames):
    """`Ada Lovelace_123456_assignsubmission_file_`, a folder or the beginning of a file's name."""

    named_regexp = r"(?:^|/)(?P<full_name>[^/_]+)_(?P<student_id>\d+)_assignsubmission_[a-z]+_?/?(?P<file_id>[^/]*)"


class CanvasNames(PathNames):
    """`lovelaceada_LATE_4711_998877_tensor_dev-2.ipynb`: user, file, and how often it was handed in before."""

    by_number = True
    named_regexp = (
        r"(?:^|/)(?!(?:LATE_)?anon_|[^/]*_assignsubmission_)(?P<full_name>[\w-]+?)(?:_(?P<late>LATE))?_(?P<student_id>\d+)_"
        r"(?:(?P<order>\d+)_(?P<file_id>[^/]*?)(?:-(?P<attempt>\d+))?(?:\.\w+)?|(?:text|link)\.html)(?:/|$)"
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
        r"(?:^|/)(?P<title>[^/]*?)_(?P<student_id>[^/_]+)_attempt_(?P<timestamp>\d{4}(?:-\d\d){5})"
        r"(?:_(?P<file_id>[^/]*)|\.txt)?(?:/|$)"
    )


class BrightspaceNames(PathNames):
    """`123456-7890 - Ada Lovelace - Nov 25, 2026 1015 PM`, a folder, or a file's name with ` - tensor_dev.ipynb`."""

    named_regexp = (
        r"(?:^|/)(?P<student_id>\d+)-(?P<order>\d+) - (?P<full_name>[^/]+?) ?- "
        r"(?P<timestamp>[A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} ?[AP]M)(?: - (?P<file_id>[^/]+))?(?:/|$)"
    )


class SubmittedNames(PathNames):
    """`ada/tensor/tensor_dev.ipynb`, as in submitted/."""

    named_regexp = r"(?:^|/)(?P<student_id>[^/]+)/(?P<module>[^/]+)/(?P<file_id>[^/]+)$"


SYSTEMS = (MoodleNames, ExchangeNames, AttemptNames, BrightspaceNames, CanvasNames)
WRITTEN_BY_SYSTEMS = {"index.html"}  # Brightspace's list of what is in the zip


@dataclass(frozen=True)
class Said:
    """What the outermost name of a file says.

    system: the name of the pattern
    said: its named groups
    hand_in: the same for all files that were handed in together
    rest: the path inside what was handed in
    """

    system: type[PathNames]
    said: Mapping[str, str | None]
    hand_in: str
    rest: tuple[str, ...]

    @property
    def number(self) -> str:
        """The system's own number for a person; "" if the name has an id."""
        return (self.said["student_id"] or "") if "full_name" in self.said else ""

    @property
    def version(self) -> tuple[str, int, int] | None:
        """Of Canvas's files: name without the count of attempts, that count, the file's number."""
        if self.system is not CanvasNames or self.said["order"] is None:
            return None
        return self.said["file_id"] or "", int(self.said["attempt"] or 0), int(self.said["order"])


def owner(path: str) -> Said | None:
    """What the first part of a path says, or its first two, as in submitted/; None for nothing, or for two things."""
    names = tuple(same_name(part) for part in path.replace("\\", "/").split("/") if part not in ("", "."))
    if not names:
        return None
    found = [made for system in SYSTEMS if (made := _by_system(system, names))]
    if not found and len(names) > 2:
        said = {"student_id": names[0], "module": names[1]}
        found = [Said(SubmittedNames, said, names[0], names[2:])]
    return found[0] if len(found) == 1 else None


def _by_system(system: type[PathNames], names: tuple[str, ...]) -> Said | None:
    first, *inside = names
    said = system().collect(first + "/" * (system is ExchangeNames))
    if said is None:
        return None
    own = said.get("file_id") or ""
    if system is CanvasNames:
        own = re.sub(r"^.*?_\d+_(?:\d+_)?", "", first)
        return Said(system, said, str(said["student_id"]), (own, *inside))
    hand_in = first.removesuffix(own) if own else first.removesuffix(".txt")
    return Said(system, said, hand_in.rstrip("_ -"), (own, *inside) if own else tuple(inside))


def login_in(title: str, last: str, container: str, titles: set[str]) -> str | None:
    """The login in Blackboard's `title_last`, of which both may hold underscores; None if nobody can tell.

    titles: those that can be told for sure
    container: the name of the zip, which has the title, too
    """
    words = f"{title}_{last}".split("_")
    cuts = {"_".join(words[:number]): "_".join(words[number:]) for number in range(1, len(words))}
    if len(cuts) == 1:
        return last
    sure = [cut for cut in cuts if cut in titles or re.search(rf"_{re.escape(cut)}_\d{{4}}(?:-\d\d){{5}}\.", container)]
    return cuts[sure[0]] if len(sure) == 1 else None
