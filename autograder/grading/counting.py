"""Which attempt counts where the course says: the best. It is known only when an attempt was graded."""

from collections.abc import Mapping
from pathlib import Path

from autograder.deadlines.attempts import AttemptRule
from autograder.gradebook import record
from autograder.gradebook.copies import moment_of
from autograder.intake.submitted import plain_files
from autograder.intake.times import handed_in
from autograder.judging.source import Source, folder_files
from tito.files import content_of, replace_folder
from tito.notebooks import read
from tito.workspace import UserError

WHERE_OTHERS_LIE = "replaced"


def earlier_counts(source: Source, book: record.Book, student: str, work: str, cells: Mapping[str, float]) -> str:
    """Why an earlier attempt counts, in words; "" if this one does.

    work: as in the table GRADED
    cells: graded cell → points of this attempt
    Points that a person gives do not decide. What being late costs does.
    """
    known = book.known.get(student)
    if known is None or known.work == work or AttemptRule.of(source.workspace.course, source.module).counts != "best":
        return ""
    folder, deadlines = source.workspace.root / "submitted" / student / source.module, book.deadlines
    submission = book.gradebook.find_submission(source.module, student)
    before, now = sum(book.scores(student).cells.values()), sum(cells.values())
    kept_of_it = 1 - deadlines.share(student, source.module, moment_of(submission))
    kept_of_this = 1 - deadlines.share(student, source.module, handed_in(source.workspace, folder))
    if now * kept_of_this >= before * kept_of_it:
        return ""
    return f"an earlier attempt counts: it has {before:g} points, and this one {now:g}"


def put_back(source: Source, student: str, work: str) -> None:
    """Let submitted/ hold the attempt that counts, whose `work` is on record, and keep the other one in its place.

    Where a person has moved it away, all stays as it is.
    """
    root = source.workspace.root
    submitted, home = root / "submitted" / student / source.module, root / WHERE_OTHERS_LIE / student
    for folder in sorted(home.glob(f"{source.module}-*")):
        if _work(source, folder) == work:
            other = plain_files(submitted)
            kept = next(
                (one for one in home.glob(f"{source.module}-*") if one != folder and content_of(one) == other), None
            )
            if kept is None:  # first, so that nothing is lost if something stops this in between
                replace_folder(_free(home, source.module), other)
            replace_folder(submitted, content_of(folder))
            return


def _free(home: Path, module: str) -> Path:
    return next(path for number in range(1, 10**6) if not (path := home / f"{module}-{number}").exists())


def _work(source: Source, folder: Path) -> str | None:
    try:
        return record.work_of(read(folder / source.path.name), folder_files(folder))
    except UserError:
        return None
