"""The site of the course, built as `make docs` builds it, and read in a browser that has no network."""

import json
import re
import subprocess
import sys

import pytest

from tito.workspace import Workspace

READ = ("index.html", "for-teachers.html", "platforms.html", "gallery.html", "modules/setup.html")
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def site(clone):
    """The built site. mkdocs itself refuses links to pages, files and headings that there are not."""
    done = subprocess.run([sys.executable, "docs/build.py"], cwd=clone, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return clone / "dist" / "site"


def test_every_module_has_a_page_without_its_solutions(site, clone):
    pages = {path.stem: path.read_text(encoding="utf-8") for path in site.glob("modules/*.html")}
    assert pages.keys() == set(Workspace.find(clone).released())
    for name, text in pages.items():
        assert "NotImplementedError" in text, name
        assert not re.search("BEGIN (SOLUTION|HIDDEN TESTS|JUDGE|MARK SCHEME)", text), name
    assert "<math" in pages.get("benchmarking", "<math")


def test_the_search_knows_words_of_notebooks_and_handbooks(site):
    found = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    places = {one["location"].partition("#")[0] for one in found}
    assert {"modules/setup.html", "tas-handbook.html"} <= places


@pytest.fixture(scope="module")
def browser(chromium):
    """Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        yield found
        found.close()


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_a_page_asks_no_network_and_fits_the_screen(site, screen, scheme, browser, tmp_path):
    width, height = SCREENS[screen]
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height}, offline=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    for name in READ:
        page.goto((site / name).as_uri())
        page.locator("h1").wait_for()
        if name == "index.html":
            page.wait_for_function("() => !document.querySelector('pre.mermaid')")  # it is drawn
        page.screenshot(path=tmp_path / f"{page.title()}-{screen}-{scheme}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
