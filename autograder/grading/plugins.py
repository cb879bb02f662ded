"""Plug-ins for nbgrader. With these in nbgrader_config.py, nbgrader's own `autograde` and formgrader's button grade
as `tito grade` does.
"""

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader import preprocessors
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder.deadlines.deadlines import Deadlines
from autograder.engine import sandbox
from autograder.gradebook import copies, record
from autograder.gradebook.api import refusals_of
from autograder.gradebook.given import changes_to, why_kept
from autograder.gradebook.tables import make_tables
from autograder.intake.roster import Roster, everybody
from autograder.intake.submitted import adopt, refuse_stranger, refuse_unreadable, submissions
from autograder.intake.times import handed_in
from autograder.judging.cells import mend
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.outputs import with_verdicts
from autograder.judging.source import EMISSIONS, Source, folder_files
from autograder.judging.step import run_and_judge_alone
from tito.notebooks import read
from tito.workspace import UserError, Workspace


def adopt_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's pre-convert hook: give a renamed notebook the name that nbgrader looks for."""
    if notebooks:
        source, folder = Source.of(Workspace.find(), assignment), Path(notebooks[0]).parent
        with suppress(UserError):  # RestoreCells says it: nbgrader goes on when its hook fails
            refuse_unreadable(folder)
            adopt(source, folder)
            notebooks[:] = [str(folder / source.path.name)]


class GradableOnly(NotebookExporter):
    """nbgrader's exporter of a release, which refuses a module that can't be graded fairly.

    nbgrader makes its exporter before it removes the last release. A preprocessor would come too late.
    """

    def __init__(self, *args, **kwargs):
        """Raises NbGraderException, with the reason in nbgrader's log, if a module can't be graded fairly."""
        super().__init__(*args, **kwargs)
        if isinstance(self.parent, GenerateAssignment):
            with refusals_of(self.parent):
                _refuse_ungradable(self.parent)


def _refuse_ungradable(converter: Any) -> None:
    course, kept = converter.coursedir, not converter.no_database
    workspace = Workspace.find(Path(course.root))
    if kept:  # several processes may find no gradebook, and start at once
        make_tables(course.db_url, workspace.course.course)
    for folder in converter.assignments:
        source = Source.of(workspace, Path(folder).name)
        refuse_ungradable(source, record.seed_of(course.db_url, source.module, source.version) if kept else 0)


class RestoreCells(NbGraderPreprocessor):
    """The first of nbgrader's sanitize preprocessors: it mends cells, so that the others find the instructor's."""

    def preprocess(self, nb, resources):
        """Mend the notebook. Raises UserError if nobody can tell whose the submission is, or which notebook counts."""
        names, workspace, folder = resources["nbgrader"], Workspace.find(), Path(resources["metadata"]["path"])
        source = Source.of(workspace, names["assignment"])
        with Gradebook(names["db_url"]) as gradebook:
            refuse_stranger(names["student"], frozenset(submissions(source)), Roster.of(gradebook))
        refuse_unreadable(folder)
        adopt(source, folder)
        _note_time(workspace, names)
        nb, notes = mend(nb, source)
        for note in notes:
            self.log.warning("%s: %s", names["student"], note)
        return nb, resources


def _note_time(workspace: Workspace, names: dict) -> None:
    """Note when what is graded now was handed in; nbgrader would keep an earlier one's time."""
    module, student = names["assignment"], names["student"]
    with Gradebook(names["db_url"]) as gradebook:
        time = copies.time_of_new(gradebook, workspace, Deadlines.of(workspace), module, student)
        copies.set_time(gradebook.find_submission(module, student), time)
        gradebook.db.commit()


class Execute(NbGraderPreprocessor):
    """nbgrader's execute step: it runs the notebook in another process, and writes verdicts that nbgrader scores."""

    isolated = Bool(True, help="Refuse to run submissions that can't be kept away from this machine's files.").tag(
        config=True
    )
    kernel = Bool(False, help="Run submissions in a real IPython kernel: slower, with the same scores.").tag(
        config=True
    )

    def preprocess(self, nb, resources):
        """Run and judge the notebook. Raises UserError if this machine or the released module is not fit for it."""
        if self.isolated:
            sandbox.refuse_if_open()
        names = resources["nbgrader"]
        source = Source.of(Workspace.find(), names["assignment"])
        record.refuse_if_changed(source, names["db_url"])
        seed = record.seed_of(names["db_url"], source.module, source.version)
        refuse_ungradable(source, seed)
        files = folder_files(Path(resources["metadata"]["path"]))
        run, judged = run_and_judge_alone(nb, source, seed, files, isolated=self.isolated, kernel=self.kernel)
        for note in run.notes:
            self.log.warning("%s: %s", names["student"], note)
        resources.setdefault("outputs", {})[EMISSIONS] = run.packed()
        return with_verdicts(nb, judged, run), resources


class SaveAutoGrades(preprocessors.SaveAutoGrades):
    """nbgrader's, which leaves scores alone that students were given back, and notes what the new ones are about."""

    accept = Bool(False, help="Change scores that students were given back, too.").tag(config=True)

    def preprocess(self, nb, resources):
        """Save the scores. Raises UserError if nothing was judged, or if a score that was given would change."""
        names = resources["nbgrader"]
        if EMISSIONS not in resources.get("outputs", {}):  # as with --no-execute
            raise UserError(
                f"{names['student']} was not judged, and nbgrader would give all points: nothing is recorded"
            )
        module, student = names["assignment"], names["student"]
        with Gradebook(names["db_url"]) as gradebook:
            if not self.accept:
                self._refuse_changes(gradebook, module, student, nb)
            record.forget(gradebook.db, module, student)  # until `note_graded` knows
            gradebook.db.commit()
        return super().preprocess(nb, resources)

    def _refuse_changes(self, gradebook, module: str, student: str, nb) -> None:
        changes = changes_to(gradebook, module, student, _work(Workspace.find(), module, student), nb)
        if changes:
            raise UserError(f"{student} {why_kept(module, student, changes)}")


def note_graded(db_url: str, assignment: str, notebooks: list[str], **_) -> None:
    """nbgrader's post-convert hook: note what the scores of a submission are about, now that autograded/ holds it."""
    workspace, student = Workspace.find(), Path(notebooks[0]).parent.parent.name
    path = workspace.root / "autograded" / student / assignment / Path(notebooks[0]).name
    work, answers = _work(workspace, assignment, student), record.answers_of(read(path))
    with Gradebook(db_url) as gradebook:
        row = record.OnRecord(
            "", record.checksum_of(path.read_bytes()), work, answers
        )  # no key: tito grades it once more
        record.write_down(gradebook.db, assignment, student, row)
        gradebook.db.commit()


def _work(workspace: Workspace, module: str, student: str) -> str:
    """The checksum of what a student handed in."""
    folder = workspace.root / "submitted" / student / module
    return record.work_of(read(folder / Source.of(workspace, module).path.name), folder_files(folder))


class LatePenalties(NbGraderPreprocessor):
    """Instead of nbgrader's AssignLatePenalties."""

    def preprocess(self, nb, resources):
        """Bring the copies of one submission up to date. Raises UserError if nobody can tell when it was due."""
        names, workspace = resources["nbgrader"], Workspace.find()
        deadlines = Deadlines.of(workspace)
        with Gradebook(names["db_url"]) as gradebook:
            deadlines.allowed.refuse_unknown(everybody(workspace, gradebook))
            submission = gradebook.find_submission(names["assignment"], names["student"])
            copies.refresh_one(submission, deadlines)
            gradebook.db.commit()
        return nb, resources


class RefuseUnrecorded(NbGraderPreprocessor):
    """The first of nbgrader's feedback preprocessors: scores and the graded notebook must belong together."""

    def preprocess(self, nb, resources):
        """Leave the notebook as it is. Raises UserError if the scores in the gradebook are about another one."""
        names = resources["nbgrader"]
        source = Source.of(Workspace.find(), names["assignment"])
        with Gradebook(names["db_url"]) as gradebook:
            if record.unrecorded(gradebook, source, names["student"]):
                raise UserError(f"{names['student']}: {record.NOT_RECORDED.format(module=source.module)}")
        return nb, resources


class DueDates(NbGraderPreprocessor):
    """The last step when nbgrader makes a student's version: it notes in the gradebook when the module is due."""

    def preprocess(self, nb, resources):
        """Note the due date; the notebook stays as it is."""
        names = resources["nbgrader"]
        if not self.config.GenerateAssignment.get("no_database"):  # `--no-db`
            with Gradebook(names["db_url"]) as gradebook:
                copies.refresh_due(gradebook, Workspace.find(), names["assignment"])
        return nb, resources


class FreshCopies(NotebookExporter):
    """nbgrader's exporter, which also reads files that begin with a BOM.

    nbgrader makes its exporter once, before it grades: submissions that it skips get today's penalties, too."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        converter: Any = self.parent  # nbgrader's Autograde
        course, workspace = converter.coursedir, Workspace.find(Path(converter.coursedir.root))
        with refusals_of(converter):
            make_tables(course.db_url, workspace.course.course)
            with Gradebook(course.db_url) as gradebook:
                copies.refresh(gradebook, workspace, [course.assignment_id])

    def from_file(self, file_stream, resources=None, **more):
        """Convert a notebook. nbformat takes a BOM for a mistake."""
        text = file_stream.read().removeprefix("\ufeff")
        return super().from_file(io.StringIO(text), resources=resources, **more)


def read_times() -> None:
    """Let all of nbgrader read a timestamp.txt as this course does. Its own code takes CEST for UTC."""

    def get_existing_timestamp(self, dest_path):
        time = handed_in(Workspace.find(Path(self.root)), Path(self.root) / dest_path)
        return time and time.replace(tzinfo=None)

    CourseDirectory.get_existing_timestamp = get_existing_timestamp
