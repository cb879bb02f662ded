"""What plugs into nbgrader: with these in nbgrader_config.py, its own `autograde` and formgrader's button grade as
`tito grade` does.
"""

import gzip
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor
from traitlets import Bool

from autograder.deadlines.accommodations import grant
from autograder.deadlines.late import penalty
from autograder.engine import sandbox
from autograder.gradebook import record
from autograder.intake.notebooks import adopt, refuse_links
from autograder.judging.cells import mend
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.outputs import with_verdicts
from autograder.judging.source import EMISSIONS, Source, folder_files
from autograder.judging.step import run_and_judge
from tito.workspace import Workspace


def adopt_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's pre-convert hook: give a renamed notebook the name that nbgrader looks for."""
    notebooks[:] = map(str, adopt(Source.of(Workspace.find(), assignment), list(map(Path, notebooks))))


def make_gradebook(db_url: str, **_) -> None:
    """nbgrader's pre-convert hook: several may start with a gradebook that is not there yet."""
    record.make_tables(db_url, Workspace.find().course.course)


class RefuseUngradable(NbGraderPreprocessor):
    """First of nbgrader's preprocessors that make a release: nothing comes of a module that can't be graded fairly.

    A hook can't do this, because nbgrader goes on when a hook fails.
    """

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        source = Source.of(Workspace.find(), names["assignment"])
        kept = not self.config.GenerateAssignment.get("no_database")
        refuse_ungradable(source, record.seed_of(names["db_url"], source.module, source.version) if kept else 0)
        return nb, resources


class RestoreCells(NbGraderPreprocessor):
    """First of nbgrader's sanitize preprocessors; all others then find what the source says."""

    def preprocess(self, nb, resources):
        refuse_links(Path(resources["metadata"]["path"]))
        source = Source.of(Workspace.find(), resources["nbgrader"]["assignment"])
        nb, notes = mend(nb, source)
        for note in notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        return nb, resources


class Execute(NbGraderPreprocessor):
    """nbgrader's execute step: runs the notebook outside, and writes verdicts in the form nbgrader scores."""

    isolated = Bool(True, help="Refuse to run submissions that can't be kept away from this machine's files.").tag(
        config=True
    )
    kernel = Bool(False, help="Run submissions in a real IPython kernel: slower, with the same scores.").tag(
        config=True
    )

    def preprocess(self, nb, resources):
        if self.isolated:
            sandbox.refuse_if_open()
        names = resources["nbgrader"]
        source = Source.of(Workspace.find(), names["assignment"])
        record.refuse_if_changed(source, names["db_url"])
        seed = record.seed_of(names["db_url"], source.module, source.version)
        refuse_ungradable(source, seed)
        files = folder_files(Path(resources["metadata"]["path"]))
        run, judged = run_and_judge(nb, source, seed, files, isolated=self.isolated, kernel=self.kernel)
        for note in run.notes:
            self.log.warning("%s: %s", names["student"], note)
        resources.setdefault("outputs", {})[EMISSIONS] = gzip.compress(run.to_json().encode(), mtime=0)
        return with_verdicts(nb, judged, run), resources


class LatePenalties(AssignLatePenalties):
    """nbgrader's, from each student's own deadline; again when feedback is made, for a person may have given points."""

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            submission = gradebook.find_submission(names["assignment"], names["student"])
            grant(submission, Workspace.find(), names["assignment"])
            gradebook.db.commit()
        return super().preprocess(nb, resources)


class LatePenalty(LateSubmissionPlugin):
    """nbgrader's plug-in point; its parent knows the module."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return penalty(Workspace.find(), self.parent.assignment_id, student_id, score, total_seconds_late)
