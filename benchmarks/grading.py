"""Running one submission: forked from a warm process, or in a kernel of its own by nbgrader's Execute, in turn.

    python benchmarks/grading.py

Claim: several times faster, with the same cells run (those that grading needs), in the same order.

Last result, medians of 7 rounds on 2 cores, Python 3.11.7, nbgrader 0.9.6:
    setup    forked  0.05 s   kernel  0.92 s   19.4 times
    tensor   forked  0.14 s   kernel  1.15 s    8.3 times
    mlp      forked  0.33 s   kernel  1.47 s    4.4 times
"""

import copy
import statistics
import tempfile
import time
from pathlib import Path

from nbgrader.preprocessors import Execute

from autograder.execute import Job, _lay_out, execute
from autograder.source import JUDGE, Source, without
from tito.notebooks import is_check
from tito.workspace import Workspace

ROUNDS = 7


def forked(source: Source) -> float:
    return execute(Job.of(source.notebook, source, 1, source.files)).seconds


def with_a_kernel(source: Source) -> float:
    """Seconds that nbgrader's own execute preprocessor takes for the same cells, next to the same files."""
    notebook = copy.deepcopy(source.notebook)
    notebook.cells = [cell for cell in notebook.cells if source.exploration.get(cell.id) != cell.source]
    for cell in notebook.cells:
        cell.source = without(cell.source, JUDGE) if is_check(cell) else cell.source
    with tempfile.TemporaryDirectory() as scratch:
        _lay_out({**source.files, **source.package_files}, Path(scratch))
        started = time.monotonic()
        Execute().preprocess(notebook, {"metadata": {"path": scratch}})
        return time.monotonic() - started


if __name__ == "__main__":
    workspace = Workspace.find(Path(__file__))
    for name in workspace.released():
        source = Source.of(workspace, name)
        forked(source)  # the first one starts the warm process
        pairs = [(forked(source), with_a_kernel(source)) for _ in range(ROUNDS)]
        ours, stock = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(f"{name:8} forked {ours:5.2f} s   kernel {stock:5.2f} s   {stock / ours:4.1f} times")
