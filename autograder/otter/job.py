"""A run in otter's way: otter's own checks run in the student's process, right after their cell.

Otter's opinion there does not count. The course's checks report from there, and the judge decides (see plugin.py).
The process is as in nbgrader's runs: shut in, limited, and forked from a warm one, which has imported otter, too.
"""

from dataclasses import replace

from autograder.engine.execute import Job, Replacing, Run, execute, keep_all
from autograder.judging.jobs import job_of
from autograder.judging.source import Source
from tito import checks

LIBRARIES = ("otter.test_files",)  # imported before the fork, so that a submission's own otter.py can't replace it

# Otter's import asks where temporary files go. It does so before the fork, and so for the wrong process.
PRELUDE = "__import__('tempfile').tempdir = None"

# It takes no name from the notebook's, and gives it none: a student may use any.
CHECK = """__import__("otter.test_files.exception_test", fromlist=["*"]).ExceptionTestFile.from_string(
    {text!r}, {path!r}).run(__import__("IPython").get_ipython().user_ns)"""


def otter_job(notebook, source: Source, seed: int, files: dict[str, bytes], tests: dict[str, str]) -> Job:
    """A job that runs `notebook`, with test files in place of check cells. Each gets into the process in its turn.

    files: the submission's own, path → content
    tests: grade_id → test file
    """
    job = job_of(notebook, source, seed, files)
    cells = [(name, check, _check(name, tests) if check and name else text) for name, check, text in job.cells]
    return replace(job, cells=((None, False, PRELUDE), *cells), libraries=(*job.libraries, *LIBRARIES))


def _check(name: str, tests: dict[str, str]) -> str:
    return CHECK.format(text=tests[name], path=f"tests/{name}.py")


def run_otter_job(job: Job, replacing: Replacing = keep_all) -> Run:
    """Execute `job`. A test file reports the exception that would have ended the cell in nbgrader's run."""

    def replacing_stopped(name: str, run: Run) -> str | None:
        _note_stop(name, run)
        return replacing(name, run)

    return execute(job, replacing_stopped)


def _note_stop(name: str, run: Run) -> None:
    stopped = [message["name"] for message in run.emissions.get(name, []) if _is_stop(message)]
    if stopped:
        run.problems.setdefault(name, f"stopped with {checks.builtin_name(stopped[0])}")


def _is_stop(message) -> bool:
    return isinstance(message, dict) and message.get("kind") == "stopped" and "name" in message
