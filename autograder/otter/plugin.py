"""What otter loads when it grades: the plugin through which the course's own judge decides.

Otter's way is to run a notebook in a kernel and to believe a pickle that this kernel wrote. Here the student's process
only reports; `otter run`, `otter grade` and Gradescope all get verdicts that were made outside, in this process.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from otter.plugins import AbstractOtterPlugin
from otter.run.run_autograder.runners import python_runner

from autograder.engine import sandbox
from autograder.judging.cells import mend
from autograder.judging.judge import Verdict, judge
from autograder.judging.step import submitted_files
from autograder.otter.course import SEALED, unsealed
from autograder.otter.job import otter_job, run_otter_job
from autograder.otter.results import Results, questions
from tito.notebooks import read

NAME = "autograder.otter.plugin.Judge"
GIVEN = {"tinytorch", "tinytorch_ref", "tito", "tests"}  # nobody brings their own

Plugin: Any = AbstractOtterPlugin  # by type its methods never return, so no override would fit them


class Judge(Plugin):
    """Otter's events, in their order. The current folder is the submission's then, beside `source`."""

    def before_grading(self, config):
        source = Path("../source").resolve()
        self.sealed = (source / SEALED).read_bytes()
        (source / SEALED).unlink()  # from here on in this process alone, in case a submission can't be shut in
        self.tests = {path.stem: path.read_text(encoding="utf-8") for path in (source / "tests").glob("*.py")}
        python_runner.grade_notebook = self.grade_notebook  # otter has no event that stands for running a notebook

    def grade_notebook(self, path: str, **otters_own) -> Results:
        """In place of otter.execute.grade_notebook."""
        with unsealed(self.sealed) as (source, recorded):
            notebook, mended = mend(read(Path(path)), source)
            files = submitted_files(Path.cwd(), source)
            files = {name: content for name, content in files.items() if name.partition("/")[0] not in GIVEN}
            task = otter_job(notebook, source, recorded.seed, files, self.tests)
        shut_in = sandbox.FILES in sandbox.active()
        run = run_otter_job(replace(task, isolated=shut_in))
        with unsealed(self.sealed) as (source, recorded):
            self.judged = judge(source, recorded.emissions, run.emissions, run.problems)
            asked = questions(source, self.judged)
        self.notes = [*([] if shut_in else ["This machine can't shut submissions in."]), *mended, *run.notes]
        return Results(asked, "\n".join(run.notes))

    def generate_report(self) -> str:
        """For the instructor, on standard output: what was mended, and every check that failed, hidden ones too."""
        return "\n".join([*self.notes, *(line for verdict in self.judged for line in _failures(verdict))])


def _failures(verdict: Verdict) -> list[str]:
    return [f"{verdict.grade_id}: {line.name}: {line.reason}" for line in verdict.lines if not line.passed]
