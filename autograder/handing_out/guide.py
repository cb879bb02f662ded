"""The guide of the course that students read, with the modules and numbers of this course.

The text in the repository is that of the whole template. It alone counts modules:
their own pages and notebooks name them.
"""

import re

from tito.workspace import Course, Module, Workspace

TRACKED = re.compile(r"(?m)^- \[ \] \*\*Module (?P<number>\d+): .*\n")
SECTION = re.compile(r"(?ms)^### \S+ Module (?P<number>\d+): .*?(?=^---$|^## )")
BETWEEN = "---\n\n"
HEADING = re.compile(r"Module \d+: [^*\n]+")
BEFORE = re.compile(r"(?m)^(\*\*Prerequisites\*\*: )Module \d+( complete)$")
MINUTES = re.compile(r"(?m)^(\*\*Time\*\*: about )\d+( minutes)$")
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
    return _renamed(MINUTES.sub(lambda found: f"{found[1]}{row.minutes}{found[2]}", exchanged), row)


def _taught_before(course: Course, row: Module) -> set[str]:
    """What students work on before a module: what is given is none of it, but what comes before that is."""
    rows = [course.modules[name] for name in row.prerequisites]
    taught = {one.name for one in rows if one.state != "given"}
    return taught.union(*(_taught_before(course, one) for one in rows if one.state == "given"))


def _own(row: Module) -> str:
    """The section of a module that the guide does not know."""
    return (
        f"### 🧩 Module 0: x\n**Goal**: {row.goal}\n**Time**: about {row.minutes} minutes\n"
        f"**Prerequisites**: Module 0 complete\n"
        f"**Location**: [`modules/{row.name}/`](modules/{row.name}/)\n\n"
        f"**Verification**:\n```bash\npython bin/tito.py test --module {row.name}\n```\n\n"
    )
