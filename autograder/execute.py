"""Running a notebook in a process of its own, and collecting what its checks report.

Nothing that comes back is trusted: a submission can write anything into its messages. What a
verdict is made of is decided in judge.py, from plain data.
"""

import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.source import JUDGE, Source, without
from tito.checks import MIME
from tito.notebooks import grade_id, is_check

MAX_MESSAGES = 500  # of one cell
STARTUP_SECONDS = 60


@dataclass(frozen=True)
class Job:
    """Everything that a run depends on."""

    cells: tuple[tuple[str | None, bool, str], ...]  # (grade_id, whether it is a check, text) of the code cells
    files: dict[str, bytes]
    seed: int
    limits: dict

    @classmethod
    def of(cls, notebook, source: Source, seed: int, files: dict[str, bytes]) -> "Job":
        """Run the code cells of `notebook` next to `files`, exploration of the source aside."""
        cells = tuple(
            (grade_id(cell), is_check(cell), without(cell.source, JUDGE) if is_check(cell) else cell.source)
            for cell in notebook.cells
            if cell.cell_type == "code" and source.exploration.get(cell.get("id")) != cell.source
        )
        return cls(cells, {**files, **source.package_files}, seed, source.limits)


@dataclass
class Run:
    """What came out of a job: messages of the check cells, and what went wrong where."""

    emissions: dict[str, list] = field(default_factory=dict)  # grade_id → messages
    problems: dict[str, str] = field(default_factory=dict)  # grade_id → why its cell did not end well
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Run":
        return cls(**json.loads(text))


def execute(job: Job) -> Run:
    """Run every cell of `job` in a fresh kernel, in a folder of its own.

    A cell that takes too long, or after which the kernel is gone, costs only itself: a fresh kernel
    replays the cells before it, checks and offenders aside, and goes on with the next.
    """
    run, started = Run(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tinytorch-") as scratch:
        _lay_out(job.files, Path(scratch))
        offenders: set[int] = set()
        start = 0
        while start is not None:
            start = _run_from(start, job, offenders, Path(scratch), run, started + job.limits["notebook_seconds"])
    run.seconds = time.monotonic() - started
    return run


def _lay_out(files: dict[str, bytes], scratch: Path) -> None:
    for name, content in files.items():
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _run_from(start: int, job: Job, offenders: set[int], scratch: Path, run: Run, deadline: float) -> int | None:
    """Run the cells from `start` on, after a replay of those before; the cell to go on with after a restart."""
    with _Kernel(scratch, job.seed) as kernel:
        for index, (name, check, text) in enumerate(job.cells):
            if index in offenders or (index < start and check):
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                _out_of_time(job, max(index, start), run)
                return None
            outputs, fatal = kernel.run(_with_begin(name, text) if check else text, min(left, _cell_seconds(job)))
            if index >= start:
                _collect(name, check, outputs, fatal, run)
            if fatal:
                offenders.add(index)
                return max(start, index + 1)
    return None


def _cell_seconds(job: Job) -> float:
    return job.limits["cell_seconds"]


def _with_begin(name: str, text: str) -> str:
    return f"from tito import checks; checks.begin({name!r})\n{text}"


def _collect(name: str | None, check: bool, outputs: list, fatal: str | None, run: Run) -> None:
    if check:
        messages = [output.data[MIME] for output in outputs if MIME in output.get("data", {})]
        run.emissions[name] = messages[:MAX_MESSAGES]
    raised = [output for output in outputs if output.output_type == "error"]
    problem = fatal or (f"stopped with {builtin_name(raised[-1].ename)}" if raised else None)
    if problem and name:
        run.problems[name] = problem
    if fatal:
        run.notes.append(f"{name or 'a cell of the student'}: {fatal}")


def _out_of_time(job: Job, index: int, run: Run) -> None:
    run.notes.append(f"stopped after {job.limits['notebook_seconds']} s, the limit of the whole notebook")
    for name, check, _ in job.cells[index:]:
        if check and name not in run.emissions:
            run.problems[name] = "was not reached in the time of the whole notebook"


def builtin_name(name: str) -> str:
    """The name of an exception, if it is one of Python's own; a student's class can be called anything."""
    import builtins

    known = getattr(builtins, name, None) if isinstance(name, str) else None
    return name if isinstance(known, type) and issubclass(known, BaseException) else "an exception"


class _Kernel:
    """An IPython kernel that runs cell by cell, with no hope of outliving its block."""

    def __init__(self, scratch: Path, seed: int):
        self.scratch, self.seed = scratch, seed

    def __enter__(self):
        from nbclient import NotebookClient
        from nbformat.v4 import new_notebook

        self.client = NotebookClient(
            new_notebook(),
            kernel_name="python3",
            allow_errors=True,
            extra_arguments=["--HistoryManager.enabled=False", "--Application.log_level=50"],
            startup_timeout=STARTUP_SECONDS,
            resources={"metadata": {"path": str(self.scratch)}},
            shutdown_kernel="immediate",
        )
        self.block = self.client.setup_kernel(env=_environment(self.scratch))
        self.block.__enter__()
        self.run(f"from tito import checks as _c; _c.grade({self.seed}); del _c", STARTUP_SECONDS)
        return self

    def run(self, text: str, seconds: float) -> tuple[list, str | None]:
        """Outputs of a cell, and why the kernel can't be used any more, if so."""
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from nbformat.v4 import new_code_cell

        self.client.nb.cells.append(cell := new_code_cell(text))
        self.client.timeout = max(1, round(seconds))
        try:
            self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        except CellTimeoutError:
            return cell.outputs, f"took longer than {max(1, round(seconds))} s"
        except DeadKernelError:
            return cell.outputs, "ended the Python process"
        return cell.outputs, None

    def __exit__(self, *error):
        return self.block.__exit__(None, None, None)


def _environment(scratch: Path) -> dict[str, str]:
    """Nothing of the grader's own: a submission sees its folder and the interpreter."""
    home = str(scratch)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": home,
        "TMPDIR": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_RUNTIME_DIR": f"{home}/.runtime",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": home,
    }
