"""Take the pictures of the handbooks anew: a feedback page and the class page, light and dark, wide and narrow.

    tito demo demo --module tensor && python docs/screenshots/take.py demo

Some of the demonstration's answers are graded first, as a TA would. Chromium has to be there.
"""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from playwright.sync_api import Page, sync_playwright

HERE, MODULE, SHOWN = Path(__file__).resolve().parent, "tensor", "bert"
WAIT = ("jan", "kim", "ned")
COMMENT = """Good: you count the temporary. Say where the factor 3 comes from, and the peak is plain:

$$3 \\cdot 4 \\cdot \\prod_i n_i \\approx 19.3\\ \\text{MB}$$

For (b): when does `contiguous()` pay?"""
SIZES = {"desktop": (1100, 1300, 1), "phone": (390, 844, 2)}  # width, height, pixels of a picture to one of the page
PARTS = {"feedback-phone-light": "section.fail", "feedback-phone-dark": "section aside.comment"}  # what they show
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def grade_answers(demo: Path) -> None:
    """Grade the answers of most students, and comment on one."""
    scores = itertools.cycle((2, 1, 2, 1.5, 0))
    with Gradebook(f"sqlite:///{demo}/gradebook.db") as gradebook:
        for submission in sorted(gradebook.assignment_submissions(MODULE), key=lambda one: one.student_id):
            notebook = submission.notebooks[0]
            for grade in sorted(notebook.grades, key=lambda one: one.name):
                if grade.auto_score is None and submission.student_id not in WAIT:
                    grade.manual_score, grade.needs_manual_grade = next(scores), False
            for comment in notebook.comments:
                if submission.student_id == SHOWN and comment.name == "reflect_memory":
                    comment.manual_comment = COMMENT
        gradebook.db.commit()


def take(page: Page, name: str, scheme: str, at: str | None) -> None:
    """Take one picture, with the first element `at` in the middle; without one, the top of the page."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if at:
        page.locator(at).first.evaluate("one => one.scrollIntoView({block: 'center', behavior: 'instant'})")
    page.screenshot(path=HERE / f"{name}-{scheme}.png")


def main(demo: Path) -> None:
    """Take all pictures of the demonstration in a folder."""
    tito = Path(sys.executable).with_name("tito")
    grade_answers(demo)
    for command in (["feedback", MODULE, "--student", SHOWN], ["report", MODULE]):
        subprocess.run([tito, *command], cwd=demo, check=True)
    pages = {"feedback": f"feedback/{SHOWN}/{MODULE}/{MODULE}_dev.html", "report": "dist/report.html"}
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=os.geteuid() != 0)
        for (name, path), (size, (width, height, scale)) in itertools.product(pages.items(), SIZES.items()):
            page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
            page.goto((demo / path).as_uri())
            for scheme in ("light", "dark"):
                take(page, f"{name}-{size}", scheme, PARTS.get(f"{name}-{size}-{scheme}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
