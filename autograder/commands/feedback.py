"""tito feedback: autograded → feedback, and from there to students."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict

from autograder.gradebook import copies
from autograder.gradebook.api import nbgrader_api
from autograder.handing_back.feedback import WAITS, Page, Printer, Ways, refuse_ungraded, send
from autograder.intake.submitted import alone
from autograder.judging.source import Source, question_label
from tito.console import escape, print_json, say
from tito.workspace import Workspace


def feedback(modules: list[str], student: str | None, ways: Ways, json: bool) -> int:
    """Make the pages of modules, and send them."""
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules]
    for source in sources:
        refuse_ungraded(source, student)
    with ExitStack() as stack:
        for name in sorted(modules):  # in one order, so that two commands never wait for each other
            stack.enter_context(alone(workspace, name))
        pages = _made_and_sent(workspace, sources, student, ways)
    if json:
        print_json([asdict(page) for page in pages])
    else:
        for source in sources:
            _show(source.module, [page for page in pages if page.module == source.module], ways)
    return 1 if any(page.trouble for page in pages) else 0


def _made_and_sent(workspace: Workspace, sources: list[Source], student: str | None, ways: Ways) -> list[Page]:
    modules = [source.module for source in sources]
    with nbgrader_api(workspace) as api, api.gradebook as gradebook:  # once, before the pages are made side by side
        copies.refresh(gradebook, workspace, modules)
    with Printer(workspace) as printer:
        for source in sources:
            printer.begin(source, student)
        pages = printer.finish()
    with nbgrader_api(workspace) as api:
        for page in pages:
            send(api, workspace, page, ways)
    return pages


def _show(module: str, pages: list[Page], ways: Ways) -> None:
    made = sum(page.made for page in pages)
    say(f"{module}: {made} page{'s' * (made != 1)} in feedback/*/{module}/")
    if ways.zipped or ways.exchange:
        zips = sum(any(way.endswith(".zip") for way in page.sent) for page in pages)
        sent = sum("exchange" in page.sent for page in pages)
        say(f"{module}: sent {zips} as dist/feedback/{module}/<student>.zip, {sent} through the exchange")
    remarks = defaultdict(list)
    for page in pages:
        for remark in _remarks(page):
            remarks[remark].append(page.student)
    for remark, students in remarks.items():
        say(escape(f"{module}: {remark}: {', '.join(students)}"))


def _remarks(page: Page) -> Iterator[str]:
    if not page.made:
        yield f"no new page, {page.trouble}"
        return
    if page.waiting:
        held = ", so nothing was sent" if page.trouble == WAITS else ""
        yield f"{', '.join(map(question_label, page.waiting))} to be graded by a person{held}"
    if page.trouble not in (None, WAITS):
        yield f"not sent, {page.trouble}"
