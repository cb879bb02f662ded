"""What otter loads when it grades: the plugin through which the course's own judge decides.

Otter's way is to run the tests in the student's kernel and to believe a pickle that this kernel wrote. Here the kernel
only reports; `otter run`, `otter grade` and Gradescope all get verdicts that were made outside, in this process.
"""

import shutil
from pathlib import Path

from otter.plugins import AbstractOtterPlugin
from otter.run.run_autograder.runners import python_runner

from autograder.execute import Job, laid_over
from autograder.judge import Verdict, verdicts
from autograder.otter.course import SEALED, unsealed
from autograder.otter.execute import execute
from autograder.otter.results import Results, questions
from autograder.sanitize import restore
from autograder.source import Source, folder_files
from tito.notebooks import read

NAME = "autograder.otter.plugin.Judge"
GIVEN = ("tinytorch", "tinytorch_ref", "tito")  # nobody brings their own


class Judge(AbstractOtterPlugin):
    """Otter's events, in their order: it is in the submission's folder then, beside `source`."""

    def before_grading(self, config):
        source = Path("../source").resolve()
        self.sealed = (source / SEALED).read_bytes()
        (source / SEALED).unlink()  # from here on in this process alone: the student's code may read every file
        self.tests = source / "tests"
        with unsealed(self.sealed) as (module, _):
            lay_files(Path.cwd(), module)
        python_runner.grade_notebook = self.grade_notebook  # otter has no event that stands for running a notebook

    def grade_notebook(self, path: str, **otters_own) -> Results:
        """In place of otter.execute.grade_notebook."""
        with unsealed(self.sealed) as (source, recorded):
            notebook, mended = restore(read(Path(path)), source)
            job = Job.of(notebook, source, recorded.seed, {})
        run = execute(job, self.tests)
        with unsealed(self.sealed) as (source, recorded):
            self.judged = verdicts(source, recorded.emissions, run.emissions, run.problems)
            self.notes = [*mended, *run.notes]
            return Results(questions(source, self.judged), "\n".join(run.notes))

    def generate_report(self) -> str:
        """For the instructor, on standard output: what was mended, and every check that failed, hidden ones too."""
        return "\n".join([*self.notes, *(line for verdict in self.judged for line in _failures(verdict))])


def _failures(verdict: Verdict) -> list[str]:
    return [f"{verdict.grade_id}: {line.name}: {line.reason}" for line in verdict.lines if not line.passed]


def lay_files(folder: Path, source: Source) -> None:
    """Put the files that the module gives over those of the submission, as nbgrader's runs have them."""
    for name in GIVEN:
        remove(folder / name)
    given, own = {**source.files, **source.package_files}, folder_files(folder)
    for name in set(own) - set(laid_over(own, given)):
        (folder / name).unlink()
    for name, content in given.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
