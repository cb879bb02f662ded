"""Formgrader's page for one submission: everything it loads comes from this machine."""

import json
import re
import shutil
import sys
from html.parser import HTMLParser
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


class Fields(HTMLParser):
    """The fields of a page by their order: (grade_id or comment, attributes)."""

    def __init__(self, page):
        super().__init__()
        self.all = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("input", "textarea") and "id" in given:
            self.all.append((given["id"], given))


def test_tab_leads_from_a_score_to_its_comment(page):
    fields = Fields(page).all
    assert [name for name, _ in fields if name.startswith("reflect_why")] == [
        "reflect_why",
        "reflect_why_extra_credit",
        "reflect_why-comment",
    ]
    tabbable = [name for name, given in fields if "tabbable" in given["class"].split()]
    at = tabbable.index("reflect_why")
    assert tabbable[at + 1] == "reflect_why-comment"
    assert not [name for name in tabbable if name.endswith("_extra_credit")]


def test_extra_credit_takes_a_click_first(page):
    credits = [given for name, given in Fields(page).all if name.endswith("_extra_credit")]
    assert len(credits) == 4
    for given in credits:
        assert given["class"] == "extra-credit", "formgrader's script finds it by this"
        assert "readonly" in given
        assert given["tabindex"] == "-1"
    assert page.count("nextElementSibling.readOnly = false") == len(credits)


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
