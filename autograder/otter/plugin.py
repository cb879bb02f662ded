"""The plugin that otter loads when it grades. Through it the course's own judge decides.

Otter runs a notebook in a kernel, and believes a pickle that the kernel wrote. Here the student's process only
reports. `otter run`, `otter grade` and Gradescope all get verdicts that this process made, outside of it.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from otter.plugins import AbstractOtterPlugin
from otter.run.run_autograder.runners import python_runner

from autograder.engine import sandbox
from autograder.engine.execute import Run
from autograder.judging.cells import mend
from autograder.judging.following import Following
from autograder.judging.jobs import job_of
from autograder.judging.judge import Verdict, judge
from autograder.judging.step import PUBLIC, Runs, judge_in, lost_at_a_limit, submitted_files, worded_job, words_of
from autograder.otter.course import ANSWERS, SEALED, unsealed
from autograder.otter.job import otter_job, run_otter_job
from autograder.otter.results import Results, questions
from tito.notebooks import read

NAME = "autograder.otter.plugin.Judge"
NOT_FOLLOWED = (
    "A mistake may have cost later questions, too: this machine can't shut submissions in without a network, "
    "so nothing was judged once more with the course's answers."
)
GIVEN = {"tinytorch", "tinytorch_ref", "tito", "tests"}  # a submission may not bring its own

Plugin: Any = AbstractOtterPlugin  # by type its methods never return, so no override fits


class Judge(Plugin):
    """Otter's events, in their order. The current folder is then the submission's, beside `source`."""

    def before_grading(self, config):
        """Read and remove the sealed course, and take the place of otter's own run."""
        source = Path("../source").resolve()
        self.sealed = (source / SEALED).read_bytes()
        shut_in = {sandbox.FILES, sandbox.NETWORK} <= sandbox.active()
        self.answers = json.loads((source / ANSWERS).read_text(encoding="utf-8")) if shut_in else {}
        self.lacks_answers = not shut_in and (source / ANSWERS).stat().st_size > len("{}")
        for name in (SEALED, ANSWERS):  # a submission that can't be shut in must not find them
            (source / name).unlink()
        self.tests = {path.stem: path.read_text(encoding="utf-8") for path in (source / "tests").glob("*.py")}
        python_runner.grade_notebook = self.grade_notebook  # otter has no event for this

    def grade_notebook(self, path: str, **otters_own) -> Results:
        """Run and judge the notebook at `path`, in place of otter.execute.grade_notebook."""
        with unsealed(self.sealed) as (source, recorded):
            notebook, mended = mend(read(Path(path)), source)
            files = submitted_files(Path.cwd(), source)
            files = {name: content for name, content in files.items() if name.partition("/")[0] not in GIVEN}
            shut_in = sandbox.FILES in sandbox.active()
            task = replace(otter_job(notebook, source, recorded.seed, files, self.tests), isolated=shut_in)
            visible = job_of(notebook, source, PUBLIC, files, hidden=False)
            runs = Runs(
                run_otter_job,
                self._judge,
                self._judge_one,
                lambda run: worded_job(task, visible, run),
                Following.of(notebook, source, self.answers),
            )
        run, self.judged = runs.of(task, last=False)
        if lost_at_a_limit(run, self.judged):
            run, self.judged = runs.of(task, last=True)
        with unsealed(self.sealed) as (source, _):
            asked = questions(source, self.judged)
        self.notes = [*([] if shut_in else ["This machine can't shut submissions in."]), *mended, *run.notes]
        return Results(asked, "\n".join([*run.notes, *[NOT_FOLLOWED] * self.lacks_answers]))

    def _judge(self, run: Run) -> list[Verdict]:
        with unsealed(self.sealed) as (source, recorded):
            words = run.worded and words_of(run.worded, recorded.worded)
            return judge(source, recorded.emissions, run.emissions, run.problems, words)

    def _judge_one(self, name: str, run: Run) -> Verdict:
        with unsealed(self.sealed) as (source, recorded):
            return judge_in(run, name, source, recorded.emissions)

    def generate_report(self) -> str:
        """The instructor's report, on standard output: all changes, and all checks that failed, hidden ones, too."""
        return "\n".join([*self.notes, *(line for verdict in self.judged for line in _failures(verdict))])


def _failures(verdict: Verdict) -> list[str]:
    return [f"{verdict.grade_id}: {line.name}: {line.reason}" for line in verdict.lines if not line.passed]
