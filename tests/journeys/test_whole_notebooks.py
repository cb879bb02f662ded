"""Each instructor's notebook from its first cell to its last, in a Jupyter kernel: demos, pictures, measurements."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.judging.source import Source
from tito.workspace import Workspace

COURSE = Workspace.find(Path(__file__).parents[2])


@pytest.mark.parametrize("module", COURSE.released())
def test_whole_notebook_runs_within_a_minute(module):
    """Of CPU time: how busy the machine is says nothing of a notebook. A cell that never ends is stopped."""
    source = Source.of(COURSE, module)
    before = os.times()
    NotebookClient(
        nbformat.read(source.path, 4),
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": source.folder}},
    ).execute()
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    assert 0 < seconds < 60
