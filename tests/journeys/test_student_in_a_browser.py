"""A student's way in JupyterLab, from a stub to the feedback page."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest

from autograder.demo.simulate import Simulation
from autograder.judging.source import Source
from tito.workspace import Workspace

pytestmark = pytest.mark.needs("chromium")

NOTEBOOK = "modules/setup/setup_dev.ipynb"
SECONDS = 180  # for the slowest step of a busy machine
STUB, CHECK, NEXT_STUB = "def hello_tinytorch", 'checks.equal("greeting for Ada"', "def parse_version"
HELLO = """\
#| export
def hello_tinytorch(name="world"):
    name = name{call}
    return f"Hello {{name or 'world'}}, welcome to TinyTorch!"
"""
CHECKED = ("greeting for Ada", "no name given", "white space around", "white space inside", "white space alone")
HALF_WRITTEN = "#| export\ndef parse_version(text):\n    half = 'written'\n"


class Lab:
    """JupyterLab with the notebook open in a browser, as the student sees it."""

    def __init__(self, page, address: str, pictures: Path):
        self.page, self.address, self.pictures = page, address, pictures
        self.open()

    def open(self) -> None:
        """Open the notebook, and wait until its kernel is ready."""
        self.page.goto(self.address)
        self.page.locator(".jp-StatusBar-Widget", has_text="| Idle").wait_for()

    def cell(self, text: str):
        """The first code cell that holds `text`."""
        return self.page.locator(".jp-NotebookPanel .jp-CodeCell", has_text=text).first

    def write(self, cell: str, text: str) -> None:
        """Replace the text of a cell."""
        self.cell(cell).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def run(self, cell: str) -> str:
        """Run a cell. Returns what stands below it when it is done."""
        prompt = self.cell(cell).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        self.cell(cell).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        wait_for(lambda: prompt.inner_text() != before and re.search(r"\[\d+\]", prompt.inner_text()))
        return "\n".join(self.cell(cell).locator(".jp-OutputArea-output").all_inner_texts())

    def menu(self, *names: str) -> None:
        """Choose an entry of the menu."""
        self.page.locator(".lm-MenuBar-item", has_text=names[0]).click()
        for name in names[1:]:
            self.page.locator(".lm-Menu-item", has_text=name).first.click()

    @property
    def dirty(self) -> bool:
        """Whether something is not saved."""
        return self.page.locator(".jp-mod-dirty").count() > 0

    def save(self) -> None:
        """Press Ctrl+S, and answer Overwrite where JupyterLab asks."""
        self.page.keyboard.press("Control+S")
        asked = self.page.locator(".jp-Dialog button", has_text="Overwrite")
        wait_for(lambda: asked.count() or not self.dirty)
        if asked.count():
            asked.click()
            wait_for(lambda: not self.dirty)

    def reload(self) -> None:
        """Choose File > Reload Notebook from Disk. JupyterLab asks once more where something is not saved."""
        asks = self.dirty
        self.menu("File", "Reload Notebook from Disk")
        if asks:
            self.page.locator(".jp-Dialog button", has_text="Reload").click()

    def validate(self) -> str:
        """Press nbgrader's button. Returns what it says."""
        self.page.get_by_text("Validate", exact=True).click()
        result = self.page.locator(".jp-Dialog", has_text="Validation Results")
        result.wait_for()
        said = result.inner_text()
        self.picture("validate")
        result.get_by_text("Ok", exact=True).click()
        return said

    def picture(self, name: str) -> None:
        """Keep what is on the screen now, for people to look at."""
        self.page.screenshot(path=self.pictures / f"{name}.png")


def wait_for(holds):
    end = time.monotonic() + SECONDS
    while not (found := holds()):
        assert time.monotonic() < end, "what should come does not come"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def page(chromium):
    """A page of Chromium. At the end, nothing may have gone wrong in it, or been asked of another machine."""
    from playwright.sync_api import sync_playwright

    wrong = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(SECONDS * 1000)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url) if elsewhere(request.url) else None)
        yield page
        browser.close()
    assert wrong == []


def elsewhere(address: str) -> bool:
    """Whether an address is of another machine."""
    return not re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|(file|data|blob|about):", address)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def lab(student, page, pictures, tmp_path_factory):
    """JupyterLab as a course has it that uses nbgrader's exchange, too: its extensions are there."""
    student.install(f"nbgrader=={version('nbgrader')}")
    student.in_env("python bin/tito.py reset --module setup")
    settings = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:  # nobody's own settings, for tito as for Jupyter
        for name in ("CONFIG", "DATA", "RUNTIME"):
            patch.setenv(f"JUPYTER_{name}_DIR", str(settings / name))
        root = "--allow-root" if os.getuid() == 0 else ""
        line = f"source .venv/bin/activate; exec jupyter lab --no-browser {root}"
        with (settings / "said.txt").open("w") as said:
            server = subprocess.Popen(["bash", "-c", line], cwd=student.workspace, stdout=said, stderr=said)
        try:
            yield Lab(page, address(settings / "RUNTIME"), pictures)
        finally:
            server.terminate()
            server.wait(SECONDS)


def address(runtime: Path) -> str:
    """The notebook's address in the server that writes into `runtime` how it can be reached."""

    def known():
        for path in runtime.glob("jpserver-*.json"):
            with suppress(ValueError, OSError):  # half of it is written, or the server does not answer yet
                server = json.loads(path.read_text())
                urllib.request.urlopen(f"{server['url']}api?token={server['token']}", timeout=SECONDS).close()
                return f"{server['url']}lab/tree/{NOTEBOOK}?token={server['token']}"

    return wait_for(known)


def test_from_the_first_stub_to_the_feedback_page(lab, student, clone, page, pictures):
    """One test, because each step goes on from the last."""
    see_a_stub(lab)
    make_mistakes(lab)
    solve_it(lab)
    update(lab, student, clone)
    validate(lab, student, clone)
    hand_in(student, clone)
    look_at_the_page(page, clone, pictures)


def see_a_stub(lab):
    """The check says that the function is not written."""
    for cell in ("import itertools", "from tito import checks", STUB):
        assert lab.run(cell) == ""
    assert lab.run(CHECK).strip() == "Check failed: greeting for Ada\n  hello_tinytorch isn't written yet"


def make_mistakes(lab):
    """The check says what came and what was expected, and shows no line of ours."""
    lab.write(STUB, HELLO.format(call=""))
    lab.run(STUB)
    said = lab.run(CHECK)
    assert "ok  no name given" in said
    assert "expected  'Hello Grace, welcome to TinyTorch!'" in said
    assert "differs at character 7: expected 'G', got ' '" in said
    lab.write(STUB, HELLO.format(call=".strp()"))
    lab.run(STUB)
    said += lab.run(CHECK)
    assert "----> 3     name = name.strp()" in said
    assert said.strip().endswith("in the check: greeting for Ada; expected 'Hello Ada, welcome to TinyTorch!'")
    assert not re.search(r"checks\.py|tito/|site-packages", said)
    lab.picture("mistake-light")
    lab.menu("Settings", "Theme", "JupyterLab Dark")
    wait_for(lambda: lab.page.locator("body[data-jp-theme-light=false]").count())
    lab.picture("mistake-dark")


def solve_it(lab):
    """The check turns green."""
    lab.write(STUB, HELLO.format(call=".strip()"))
    lab.run(STUB)
    assert lab.run(CHECK).split("\n")[: len(CHECKED)] == [f"ok  {what}" for what in CHECKED]
    lab.picture("green")


def update(lab, student, clone):
    """The notebook is open meanwhile. What tito says is done to the letter: the correction and the work are there."""
    correct(clone, "to the letter?", "to the last letter?")
    lab.write(NEXT_STUB, HALF_WRITTEN)
    said = student.in_env("tito update")
    assert f"{NOTEBOOK} is open in Jupyter, which still shows the old text." in said
    assert "Not saved there yet? Save, answer Overwrite, and run this command again" in said
    lab.save()
    assert "lacked a correction that came earlier. The correction is in it now." in student.in_env("tito update")
    lab.reload()
    for text in ("to the last letter?", "half = 'written'", "name = name.strip()"):
        lab.page.locator(".jp-Cell", has_text=text).wait_for()
    assert student.in_env("tito update") == f"Nothing is new in {clone}/dist/TinyTorch.\n"


def correct(clone, old: str, new: str) -> None:
    """The course corrects the text of the released notebook."""
    kit = clone / "dist/TinyTorch"
    text = (kit / NOTEBOOK).read_text()
    assert old in text
    (kit / NOTEBOOK).write_text(text.replace(old, new))
    course = ["git", "-c", "user.name=course", "-c", "user.email=course@localhost"]
    subprocess.run([*course, "commit", "--quiet", "--all", "--message=Correct"], cwd=kit, check=True)


def validate(lab, student, clone):
    """nbgrader's button says what is missing, and then that nothing is."""
    assert "parse_version" in lab.validate()
    solve(student, clone)
    lab.reload()
    lab.cell("half = 'written'").wait_for(state="detached")
    assert "Success! Your notebook passes all the tests." in lab.validate()


def solve(student, clone) -> None:
    """The rest of the module, written elsewhere."""
    source, notebook = Source.of(Workspace.find(clone), "setup"), student.workspace / NOTEBOOK
    nbformat.write(Simulation(source, notebook, clone / "tests/course/versions").perfect(), notebook)


def hand_in(student, clone):
    """The instructor collects, grades, and makes the page."""
    student.in_env("tito submit --module setup --to ../handed_in")
    (handed_in,) = (student.home / "handed_in").glob("*.zip")
    inbound = student.home / "inbound" / "ada+setup+2026-11-25 10:15:00.000000 UTC+a1b2"
    inbound.mkdir(parents=True)
    handed_in.rename(inbound / handed_in.name)
    for command in (["collect", "setup", str(inbound.parent)], ["grade", "setup"], ["feedback", "setup"]):
        done = subprocess.run([sys.executable, "bin/tito.py", *command], cwd=clone, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def look_at_the_page(page, clone, pictures):
    """Opened from the disk, in both colour schemes."""
    page.goto((clone / "feedback/ada/setup/setup_dev.html").as_uri())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=pictures / f"feedback-{scheme}.png")
    said = page.inner_text("body")
    assert "8 of 12 points; 2 answers still to be graded by a person" in said
    assert "Can you follow a description to the letter? hello_tinytorch" in said
