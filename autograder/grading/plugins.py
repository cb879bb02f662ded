"""Plug-ins for nbgrader. With these in nbgrader_config.py, nbgrader's own `autograde` and formgrader's button grade
as `tito grade` does.
"""

import gzip
from pathlib import Path
from typing import Any

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
from autograder.judging.outputs import with_verdicts
from autograder.judging.source import EMISSIONS, Source, folder_files
from autograder.judging.step import run_and_judge
from tito.workspace import Workspace


def adopt_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's pre-convert hook: give a renamed notebook the name that nbgrader looks for."""
    notebooks[:] = map(str, adopt(Source.of(Workspace.find(), assignment), list(map(Path, notebooks))))


class RestoreCells(NbGraderPreprocessor):
    """The first of nbgrader's sanitize preprocessors: it mends cells, so that the others find the instructor's."""

    def preprocess(self, nb, resources):
        """Mend the notebook. Raises UserError for a submission that holds links."""
        refuse_links(Path(resources["metadata"]["path"]))
        source = Source.of(Workspace.find(), resources["nbgrader"]["assignment"])
        nb, notes = mend(nb, source)
        for note in notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        return nb, resources


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
        files = folder_files(Path(resources["metadata"]["path"]))
        run, judged = run_and_judge(nb, source, seed, files, isolated=self.isolated, kernel=self.kernel)
        for note in run.notes:
            self.log.warning("%s: %s", names["student"], note)
        resources.setdefault("outputs", {})[EMISSIONS] = gzip.compress(run.to_json().encode(), mtime=0)
        return with_verdicts(nb, judged, run), resources


class LatePenalties(AssignLatePenalties):
    """nbgrader's step, with each student's own deadline. It runs again for feedback: a person may have given points."""

    def preprocess(self, nb, resources):
        """Grant the student's extension, and let nbgrader assign the penalty."""
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            submission = gradebook.find_submission(names["assignment"], names["student"])
            grant(submission, Workspace.find(), names["assignment"])
            gradebook.db.commit()
        return super().preprocess(nb, resources)


class LatePenalty(LateSubmissionPlugin):
    """The plug-in that nbgrader asks for a late penalty. Its parent knows the module."""

    parent: Any  # the step that loads it: AssignLatePenalties

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        """Points off, by the course's rule; None for none."""
        return penalty(Workspace.find(), self.parent.assignment_id, student_id, score, total_seconds_late)
