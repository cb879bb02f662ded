"""The class of `tito demo`, and students who look for secrets: nothing secret is in anything that anybody gets back."""

import base64
import codecs
import csv
import gzip
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.commands.feedback import feedback
from autograder.commands.report import report
from autograder.demo.course import fresh_course
from autograder.demo.simulate import Simulation
from autograder.demo.versions import with_cells
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import grade_module
from autograder.handing_back.export import FORMATS
from autograder.handing_back.feedback import Ways
from autograder.handing_out.release import release_one
from autograder.judging.expected import expected
from autograder.judging.source import Source
from autograder.otter import gradescope, parity
from autograder.otter.build import autograder_zip
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
MODULE, STUB, SEED = "setup", "hello_tinytorch", 7
SECRETS = ("CANARYHIDDEN", "CANARYJUDGE", "CANARYSOLUTION", "CANARYRUBRIC")
MARKS = {"HIDDEN TESTS": "# CANARYHIDDEN", "JUDGE": "# CANARYJUDGE", "SOLUTION": "# CANARYSOLUTION"}
MARKS |= {"MARK SCHEME": "CANARYRUBRIC"}

# Finds hidden text where a grading run keeps it; `look` finds none before the first hidden check runs.
LOOK = f"""#| export
def look():
    import gc, linecache, sys
    found, frame = [str(get_ipython().user_ns.get("In")), *map(str, linecache.cache.values())], sys._getframe()
    while frame:
        found.append(str(frame.f_locals) + str(frame.f_code.co_consts))
        frame = frame.f_back
    text = " ".join(found)
    at = text.find("".join(("NARY", "HIDDEN")))
    return text[at - 30 : at + 20] if at >= 0 else "nothing"
def {STUB}(name="world"):
    import base64
    text = look()
    """
WAYS = {
    "prints": "print(text); return text",
    "raises": "raise ValueError(text)",
    "encodes": "return base64.b64encode(text.encode()).decode()",
    "in-hex": "return text.encode().hex()",
    "backwards": "return text[::-1]",
    "as-numbers": "return [ord(c) for c in text]",
    "as-type": "raise type(text, (Exception,), {})(text)",
}


def planted(source: Source) -> None:
    """Put a canary into every region that nobody may see."""
    notebook = nbformat.read(source.path, 4)
    for cell in notebook.cells:
        for region, canary in MARKS.items():
            cell.source = re.sub(rf"(?m)^( *)(### BEGIN {region}.*)$", rf"\1\2\n\1{canary}", cell.source)
    nbformat.write(notebook, source.path)


@pytest.fixture(scope="module")
def course(shut_in, tmp_path_factory):
    """The graded course; every student's notebook is in submitted/."""
    course = fresh_course(Workspace.find(ROOT), tmp_path_factory.mktemp("canaries") / "course")
    source, versions = Source.of(course, MODULE), ROOT / "tests" / "course" / "versions"
    with nbgrader_api(course) as api:
        release_one(api, source)
    simulation = Simulation(source, course.root / "release" / MODULE / source.path.name, versions)
    handed_in = {one.student: (one.file, one.text) for one in simulation.submissions() if "endless" not in one.what}
    for name, way in WAYS.items():
        notebook = with_cells(simulation.perfect(), source, {STUB: LOOK + way})
        handed_in[name] = (source.path.name, nbformat.writes(notebook))
    planted(source)
    for student, (file, text) in handed_in.items():
        folder = course.root / "submitted" / student / MODULE
        folder.mkdir(parents=True)
        (folder / file).write_text(text)
    source = Source.of(course, MODULE)
    with nbgrader_api(course) as api:
        release_one(api, source)
    grade_module(source)
    return course.root


def disguises(text):
    """A text in the forms in which somebody might carry it out; of base64, what does not depend on its place."""
    raw = text.encode()
    yield from (text, text[::-1], raw.hex(), codecs.encode(text, "rot13"), "".join(f"%{byte:02X}" for byte in raw))
    for start in range(3):
        yield base64.b64encode(raw[start : start + (len(raw) - start) // 3 * 3]).decode()
    for separator in (", ", " ", ","):
        yield separator.join(map(str, raw))
        yield separator.join(text)


def found_in(text: str) -> list[str]:
    """What of the secrets is in a text. Who looks finds only what stands near: the end of the word is enough."""
    words = [part for secret in SECRETS for part in (secret, secret[2:])]
    return [form for word in words for form in disguises(word) if form in text]


def test_those_who_look_find_something(course):
    """Else the tests below say nothing."""
    for student, text in {"prints": "CANARYHIDDEN", "in-hex": b"CANARYHIDDEN".hex()}.items():
        kept = gzip.decompress((course / "autograded" / student / MODULE / "emissions.json.gz").read_bytes()).decode()
        assert text in kept, student


def test_release_and_feedback(course, monkeypatch):
    monkeypatch.chdir(course)
    assert feedback([MODULE], None, Ways(zipped=True, anyway=True), False) in (0, 1)
    pages = list((course / "feedback").glob(f"*/{MODULE}/*.html"))
    assert len(pages) > 20
    for path in [*pages, *(course / "release" / MODULE).rglob("*")]:
        if path.is_file():
            assert not found_in(path.read_text(errors="replace")), path


def test_report_and_exports(course, monkeypatch, capsys):
    monkeypatch.chdir(course)
    assert report(None, course / "report.html", False) == 0
    assert report(None, None, True) == 0
    made = [(course / "report.html").read_text(), capsys.readouterr().out]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for name, kind in FORMATS.items():
            kind(to=str(course / name), anyway=True).export(gradebook)
            made.append((course / name).read_text())
            assert list(csv.reader(made[-1].splitlines()))
    for text in made:
        assert "prints" in text
        assert not found_in(text)


def test_otter(course, tmp_path, request):
    """Those who look, and a sixth of the others; with --thorough all."""
    source = Source.of(Workspace.find(course), MODULE)
    archive = tmp_path / "autograder.zip"
    archive.write_bytes(autograder_zip(source, SEED, expected(source, SEED)))
    students = [path.parent for path in sorted((course / "submitted").glob(f"*/{MODULE}"))]
    if not request.config.getoption("thorough"):
        students = [folder for at, folder in enumerate(students) if folder.name in WAYS or at % 6 == 0]
    with parity.workers(1) as pool:
        for folder in students:
            root = tmp_path / folder.name
            pool.submit(gradescope.grade_as_gradescope, archive, folder / MODULE, root, {}).result()
            for name in ("results.json", "stdout"):
                assert not found_in((root / "results" / name).read_text(errors="replace")), (folder.name, name)
            shutil.rmtree(root)
