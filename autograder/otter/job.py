"""A run in otter's way: otter's own checks, in the student's process, right after the cell they are for.

What decides is not what otter says there, but what the course's checks report from there (see plugin.py). The process
is the same as in nbgrader's runs: shut in, limited, and forked from a warm one, which has otter imported, too.
"""

from dataclasses import replace

from autograder.engine.execute import Job, Run, execute
from autograder.judging.jobs import job_of
from autograder.judging.source import Source
from tito import checks

LIBRARIES = ("otter.test_files",)  # before the fork, so that it is never a submission's own otter.py

# Otter's import has asked where temporary files go: before the fork, and so for the wrong process.
PRELUDE = "__import__('tempfile').tempdir = None"

CHECK = """
from otter.test_files.exception_test import ExceptionTestFile as _test
_test.from_string({text!r}, {path!r}).run(globals())
"""


def otter_job(notebook, source: Source, seed: int, files: dict[str, bytes], tests: dict[str, str]) -> Job:
    """Run `notebook`, but for a check cell its test file: it gets into the process when it is its turn.

    files: the submission's own
    tests: grade_id → test file
    """
    job = job_of(notebook, source, seed, files)
    cells = [(name, check, _check(name, tests) if check and name else text) for name, check, text in job.cells]
    return replace(job, cells=((None, False, PRELUDE), *cells), libraries=(*job.libraries, *LIBRARIES))


def _check(name: str, tests: dict[str, str]) -> str:
    return CHECK.format(text=tests[name], path=f"tests/{name}.py")


def run_otter_job(job: Job) -> Run:
    """Execute `job`. Where nbgrader's cell would end, otter's test case does: test files report it."""
    made = execute(job)
    for name, messages in made.emissions.items():
        stopped = [message["name"] for message in messages if _is_stop(message)]
        if stopped:
            made.problems.setdefault(name, f"stopped with {checks.builtin_name(stopped[0])}")
    return made


def _is_stop(message) -> bool:
    return isinstance(message, dict) and message.get("kind") == "stopped" and "name" in message
