"""What people read: links lead somewhere, numbers are the manifest's, and each command is known to work."""

import re
import shutil
import textwrap
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from documented import BECAUSE, BY_A_TEST, TYPED, documented

from autograder.template.answers import Questionnaire, term_of
from tito.manifest import load_yaml
from tito.workspace import Course

ROOT = Path(__file__).resolve().parents[1]
PAGES = [path for pattern in ("*.md", "docs/*.md", ".github/**/*.md") for path in sorted(ROOT.glob(pattern))]
LINK = re.compile(r"\[[^\]]*\]\((?!\w+:)([^)\s]+)\)")
KNOWN = {**TYPED, **BY_A_TEST, **BECAUSE}


def anchors(text: str) -> set[str]:
    """The headings of a page, as links name them."""
    found = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?s)```.*?```", "", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    for link in LINK.findall(re.sub(r"(?s)```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"))):
        name, _, heading = link.partition("#")
        place = page.parent / name if name else page
        assert place.exists(), link
        assert not heading or heading in anchors(place.read_text(encoding="utf-8")), link


def syllabus_line(row, what=""):
    needs = ", ".join(row.get("needs", [])) or "nothing"
    return f"| {row['title']}{what} | {row['minutes'] / 60:g} | {row['goal']} | {needs} |"


def test_the_syllabus_is_that_of_the_manifest():
    rows = load_yaml(ROOT / "course.yml", "the template's manifest")["modules"]
    taught = [row for row in rows if row.get("state") != "elective"]
    due = [syllabus_line(row) for row in taught]
    due.append(f"| all | {sum(row['minutes'] for row in taught) / 60:g} | | |")
    due += [syllabus_line(row, ", an elective") for row in rows if row not in taught]
    text = (ROOT / "docs" / "for-teachers.md").read_text(encoding="utf-8")
    assert re.search(r"(?ms)^\|---.*?\n(.*?)\n\n", text)[1].splitlines() == due


def test_the_graph_of_modules_is_that_of_the_manifest():
    """All arrows that do not follow from others. `needs` is what a notebook imports: tests/course/test_notebooks.py."""
    rows = load_yaml(ROOT / "course.yml", "the template's manifest")["modules"]
    needs = {row["name"]: row.get("needs", []) for row in rows}

    def above(name):
        return set(needs[name]).union(*(above(one) for one in needs[name]))

    due = {(one, name) for name in needs for one in needs[name] if not any(one in above(b) for b in needs[name])}
    text = (ROOT / "docs" / "for-teachers.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^ +(\w+) --> (\w+)$", text)) == due


def test_the_answers_in_the_handbook_are_all_that_tito_new_asks_for(tmp_path):
    text = (ROOT / "docs" / "instructors-handbook.md").read_text(encoding="utf-8")
    shown = re.search(r"(?s)```yaml\n( *course: .*?)```", text)
    (tmp_path / "answers.yml").write_text(textwrap.dedent(shown[1]), encoding="utf-8")
    shutil.copy(ROOT / "course.yml", tmp_path)
    assert {one.name for one in fields(Questionnaire)} == yaml.safe_load(textwrap.dedent(shown[1])).keys()
    assert term_of(Questionnaire.read(tmp_path / "answers.yml"), Course.read(tmp_path / "course.yml"))["late"]


@pytest.mark.parametrize(("page", "command"), list(documented()))
def test_it_is_known_how_a_command_is_tested(page, command):
    assert [one for one in KNOWN if re.fullmatch(one, command)], "add it to tests/course/documented.py"


def test_what_is_known_is_documented():
    commands = [command for _, command in documented()]
    assert [one for one in KNOWN if not any(re.fullmatch(one, command) for command in commands)] == []


@pytest.mark.parametrize(("pattern", "place"), BY_A_TEST.items())
def test_a_test_that_types_a_command_has_its_words(pattern, place):
    text = (ROOT / place).read_text(encoding="utf-8")
    tools = r"^(?:tito|make|python tests/course/) ?([\w-]+)| (--[a-z]+)|(pg_[a-z]+|[\w-]+\.sh|push)"
    words = re.findall(tools, pattern.partition("|")[0])
    assert words
    for word in filter(None, (one for pair in words for one in pair)):
        assert word in text, word
