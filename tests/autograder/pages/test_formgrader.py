"""Formgrader's page for one submission: everything it loads comes from this machine."""

import json
import re
import shutil
import sys
from pathlib import Path

import jupyter_server_mathjax
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

from autograder.gradebook.api import nbgrader_api
from tito.workspace import Workspace

STATIC = Path(jupyter_server_mathjax.__file__).parent / "static"


@pytest.fixture
def page(classroom, solved):
    """The page as formgrader renders it, at formgrader/submissions/x/."""
    with nbgrader_api(Workspace.find(classroom)):
        formgrader = FormgradeExtension()
        formgrader.initialize([])
        resources = {"base_url": "/base", "notebook_id": "setup_dev", "assignment_id": "setup", "submission_id": "x"}
        resources |= {"index": 0, "total": 1, "notebook_path": "n", "student": "ada", "first_name": "", "last_name": ""}
        exporter = HTMLExporter(config=formgrader.config)
        notebook = solved()
        for cell in notebook.cells:
            cell.metadata.setdefault("nbgrader", {}).setdefault("points", 1)
        return exporter.from_notebook_node(notebook, resources=resources)[0]


def test_nothing_comes_from_elsewhere(page):
    loaded = re.findall(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']([^"']+)""", page)
    assert any("MathJax.js" in address for address in loaded)
    assert not [address for address in loaded if "//" in address]
    assert not re.search(r"@import|url\(['\"]?(https?:)?//", page)


def test_mathjax_is_there_and_its_server_is_switched_on(page):
    (address,) = re.findall(r'src="([^"?]+MathJax.js)\?config=([\w-]+),Safe"', page)
    assert address[0] == "../../../static/jupyter_server_mathjax/MathJax.js"
    assert (STATIC / "MathJax.js").is_file()
    assert (STATIC / "config" / f"{address[1]}.js").is_file()
    assert (STATIC / "config" / "Safe.js").is_file()
    assert (STATIC / "jax/output/HTML-CSS/fonts/STIX-Web").is_dir()
    switches = Path(sys.prefix) / "etc/jupyter/jupyter_server_config.d/jupyter_server_mathjax.json"
    assert json.loads(switches.read_text())["ServerApp"]["jpserver_extensions"]["jupyter_server_mathjax"]
    assert shutil.which("jupyter", path=str(Path(sys.executable).parent))
