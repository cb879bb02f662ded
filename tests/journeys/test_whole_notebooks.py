"""Each instructor's notebook from its first cell to its last, in a Jupyter kernel: demos, pictures, measurements."""

import os
import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from versions import TESTED

from autograder.judging.source import Source
from tito.workspace import Workspace

COURSE = Workspace.find(Path(__file__).parents[2])


@pytest.mark.parametrize("module", TESTED)
def test_whole_notebook_runs_within_a_minute_and_shows_only_what_it_means(module):
    """Of CPU time: how busy the machine is says nothing of a notebook. A cell that never ends is stopped."""
    source = Source.of(COURSE, module)
    notebook, before = nbformat.read(source.path, 4), os.times()
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": source.folder}},
    ).execute()
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    assert 0 < seconds < 60
    assert _stray(notebook) == []


def _stray(notebook) -> list[tuple[str, str]]:
    """(cell, what stands below it that no reader was meant to see): warnings, addresses, a picture once more."""
    found, pictures = [], Counter()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            shown = data.get("image/png") or data.get("text/html")
            pictures[shown] += 1
            text = output.get("text", "" if len(data) > 1 else data.get("text/plain", ""))
            if output.get("name") == "stderr" or re.search(r"<\S.* at 0x[0-9a-f]+>", text):
                found.append((cell.id, text))
            if shown and pictures[shown] > 1:
                found.append((cell.id, "the same picture again"))
            if "image/png" in data:
                found.append((cell.id, "a picture without words: show it with tito.draw.picture"))
    return found
