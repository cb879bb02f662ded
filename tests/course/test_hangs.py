"""An answer of a real module that never comes back costs its own question, in three runs and a repeated one at most."""

import dataclasses

import pytest
from versions import SEEDS, WORKSPACE, losers

from autograder.demo.versions import with_cells
from autograder.judging import step
from autograder.judging.cells import mend
from autograder.judging.source import Source

SLEEPS = "#| export\ndef output_size(size, kernel_size, stride=1, padding=0):\n    __import__('time').sleep(600)"


@pytest.mark.thorough  # the sample: a hang in a small course, tests/autograder/judging/test_following.py
def test_an_output_size_that_hangs(monkeypatch):
    source, execute, runs = Source.of(WORKSPACE, "cnn"), step.execute, []
    tight = {"cell_seconds": 3, "notebook_seconds": 8}  # right cells take a second on a busy machine
    limits = {**WORKSPACE.course.limits, **tight}
    monkeypatch.setitem(WORKSPACE.__dict__, "course", dataclasses.replace(WORKSPACE.course, limits=limits))

    def counted(*arguments):
        runs.append(execute(*arguments))
        return runs[-1]

    monkeypatch.setattr(step, "execute", counted)
    notebook = mend(with_cells(source.notebook, source, {"output_size": SLEEPS}), source)[0]
    _, judged = step.run_and_judge_alone(notebook, source, SEEDS[0], source.files)
    assert losers({one.grade_id: one for one in judged}) == {"check_output_size"}
    assert len(runs) == 4
    assert all(run.seconds < limits["notebook_seconds"] + limits["cell_seconds"] for run in runs)
