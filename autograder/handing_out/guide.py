"""What students read of the course: its guide, and the modules' own pages, with the modules and numbers of this course.

The texts in the repository are those of the whole template, and count its modules.
"""

import re

from tito.manifest import load_yaml
from tito.workspace import MANIFEST, Course, Module, Workspace

TRACKED = re.compile(r"(?m)^- \[ \] \*\*Module (?P<number>\d+): .*\n")
SECTION = re.compile(r"(?ms)^### \S+ Module (?P<number>\d+): .*?(?=^---$|^## )")
BETWEEN = "---\n\n"
HEADING = re.compile(r"Module \d+: [^*\n]+")
BEFORE = re.compile(r"(?m)^(\*\*Prerequisites\*\*: )Module \d+( complete)$")
PREPARED = re.compile(r"(?m)^(\*\*Before\*\*: ).*?(\. \*\*Time)")
ONWARD = re.compile(r"(go|Go) on( to| with)?\s+\[?module (\d+)[^.]*(?:\.\./\w+/README\.md\))?\.")
NUMBERED = re.compile(r"(?P<word>[Mm]odule) (?P<number>\d+)(?P<named> \(\w+\))?")
ASKED = re.compile(r"--module (\w+)")
PLACE = re.compile(r"\(modules/(\w+)/\)")


def guide(workspace: Workspace) -> str:
    """The guide with a line and a section for each module that is taught, and with the numbers of this course."""
    text = (workspace.root / "student" / "README.md").read_text(encoding="utf-8")
    sections = {place[1]: found for found in SECTION.finditer(text) if (place := PLACE.search(found[0]))}
    numbers = {found["number"]: name for name, found in sections.items()}
    lines = {numbers[found["number"]]: found[0] for found in TRACKED.finditer(text) if found["number"] in numbers}
    rows = [row for row in workspace.course.modules.values() if row.state == "taught"]
    tracker = [_renamed(lines.get(row.name) or f"- [ ] **Module 0: x** - {row.goal}  \n", row) for row in rows]
    told = [
        _section(workspace.course, sections[row.name][0] if row.name in sections else _own(row), row) for row in rows
    ]
    text = _exchanged(text, [found.span() for found in SECTION.finditer(text)], BETWEEN.join(told))
    text = _exchanged(text, [found.span() for found in TRACKED.finditer(text)], "".join(tracker))
    taught = [row.name for row in rows]
    return ASKED.sub(lambda found: found[0] if found[1] in taught else f"--module {taught[:2][-1]}", text)


def _exchanged(text: str, spans: list[tuple[int, int]], new: str) -> str:
    """`text` with `new` in place of all between the first and the last of `spans`."""
    return text[: spans[0][0]] + new + text[spans[-1][1] :]


def _renamed(text: str, row: Module) -> str:
    return HEADING.sub(lambda _: f"Module {row.number}: {row.title}", text, count=1)


def _section(course: Course, text: str, row: Module) -> str:
    numbers = sorted({course.modules[name].number for name in _taught_before(course, row)})
    before = " and ".join(f"Module {number}" for number in numbers)
    exchanged = BEFORE.sub(lambda found: f"{found[1]}{before}{found[2]}" if before else f"{found[1]}none", text)
    return _renamed(exchanged, row)


def _taught_before(course: Course, row: Module) -> set[str]:
    """What students work on before a module: what is given is none of it, but what comes before that is."""
    rows = [course.modules[name] for name in row.prerequisites]
    taught = {one.name for one in rows if one.state != "given"}
    return taught.union(*(_taught_before(course, one) for one in rows if one.state == "given"))


def _own(row: Module) -> str:
    """The section of a module that the guide does not know."""
    return (
        f"### 🧩 Module 0: x\n**Goal**: {row.goal}\n**Prerequisites**: Module 0 complete\n"
        f"**Location**: [`modules/{row.name}/`](modules/{row.name}/)\n\n"
        f"**Verification**:\n```bash\npython bin/tito.py test --module {row.name}\n```\n\n"
    )


def module_page(workspace: Workspace, name: str, text: str) -> str:
    """A module's README.md, `text`, with the numbers of this course, and without the modules that it does not teach."""
    course = workspace.course
    template = [row["name"] for row in load_yaml(workspace.root / MANIFEST, "the course's manifest")["modules"]]
    if [row.name for row in course.modules.values() if row.state == "taught"] == template:
        return text
    before = sorted(_taught_before(course, course.modules[name]), key=lambda one: course.modules[one].number)
    shown = " and ".join(f"module {course.modules[one].number} ({one})" for one in before) or "nothing"
    text = PREPARED.sub(lambda found: f"{found[1]}{shown}{found[2]}" if name in template else found[0], text)
    row = course.modules[name]
    text = ONWARD.sub(lambda found: _onward(course, row, template, found), text)
    return NUMBERED.sub(lambda found: _numbered(course, template, found), text)


def _onward(course: Course, row: Module, template: list[str], found: re.Match) -> str:
    """What comes after a module: the sentence as it stands where that is still true."""
    later = [one for one in course.modules.values() if one.state == "taught" and one.number > row.number]
    if not later:
        return "look back: this was the last module." if found[1] == "go" else "This was the last module."
    same = int(found[3]) < len(template) and template[int(found[3])] == later[0].name
    at = template.index(later[0].name) if later[0].name in template else None
    if same:
        return found[0]
    return (
        f"{found[1]} on to module {at} ({later[0].name})." if at is not None else f"{found[1]} on to {later[0].title}."
    )


def _numbered(course: Course, template: list[str], found: re.Match) -> str:
    """A module of the template by its number in this course, or by its name where it has none."""
    name = template[int(found["number"])] if int(found["number"]) < len(template) else ""
    if name in course.modules:
        return f"{found['word']} {course.modules[name].number}{found['named'] or ''}"
    return f"{found['word']} {name}" if name else found[0]
