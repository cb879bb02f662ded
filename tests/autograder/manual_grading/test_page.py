"""The page in a browser, as TAs use it: by keyboard, several at once.

In `make test` a sample; in `make journeys` all.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from tests.autograder.manual_grading.conftest import graded

pytestmark = pytest.mark.needs("chromium", "files")

TOKEN = "a-token-of-this-test"
PAUSE = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@contextlib.contextmanager
def server(root):
    """`tito mark` in a course; the page's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = root / "jupyter"
    config.mkdir(exist_ok=True)
    (config / "jupyter_server_config.py").write_text(f"c.ServerApp.port = {port}\n")
    environment = {**os.environ, "JUPYTER_TOKEN": TOKEN, "JUPYTER_CONFIG_DIR": str(config)}
    command = [sys.executable, "-m", "tito.cli", "mark", "setup", "--no-browser", "--allow-root"]
    with (root / "log").open("w") as log:
        working = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}/manual-grading?token={TOKEN}&module=setup"
    try:
        for _ in range(1500):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address, timeout=5).close()
                break
            assert working.poll() is None, (root / "log").read_text()
            time.sleep(0.2)
        yield address
    finally:
        working.send_signal(signal.SIGTERM)
        working.wait(300)


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def served(shut_in, with_rubric, tmp_path_factory, hand_in, solved):
    """Forty students whom the machine has graded, and the address of the page."""
    root = shutil.copytree(with_rubric, tmp_path_factory.mktemp("many") / "course")
    graded(root, [f"s{number:02}" for number in range(40)], hand_in, solved)
    shutil.copytree(root, root.parent / "unread", ignore=lambda *_: ["source"])
    with server(root) as address:
        yield root, address


@pytest.fixture
def forty(served):
    """The same class for each test: nobody has read an answer yet."""
    root, _ = served
    for path in root.glob("gradebook.db*"):
        path.unlink()
    for path in (root.parent / "unread").glob("gradebook.db*"):
        shutil.copy(path, root)
    return root


@pytest.fixture
def ta(browser, served, forty):
    """A function that opens the page for one more TA. Whatever the browser complains of fails the test."""
    complaints, contexts, address = [], [], served[1]

    def opened(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda made: made.url.startswith((address[:20], "data:")) or complaints.append(made.url))
        page.goto(address)
        page.wait_for_selector("#answer p")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [one for one in complaints if "409" not in one and "ERR_FAILED" not in one] == []


def scores(root):
    """(score, comment, extra credit) of each answer that was graded."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        rows = []
        for submission in gradebook.assignment_submissions("setup"):
            (grade,) = [one for one in submission.notebooks[0].grades if one.name == "reflect_why"]
            (comment,) = [one for one in submission.notebooks[0].comments if one.name == "reflect_why"]
            if grade.manual_score is not None:
                rows.append((grade.manual_score, comment.manual_comment, grade.extra_credit))
        return sorted(rows)


def counted(page, start):
    """Wait until the page has counted so many graded answers, and all is saved."""
    expect(page.locator("#counter")).to_have_text(re.compile(f"^{start} "))
    expect(page.locator("#pending")).to_be_empty(timeout=60_000)  # a busy machine


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    page.evaluate(PAUSE)


@pytest.mark.thorough
def test_forty_answers_by_two_keys_each(ta, forty):
    page = ta()
    for number in range(40):
        press(page, "a1"[number % 2], "Enter")
    counted(page, "40 of 40")
    assert scores(forty) == [(1, "Part 1 ✓, 2 ✗", None)] * 20 + [(2, "Part 1 ✓, 2 ✓", None)] * 20
    assert page.locator("#who").text_content() == "That was the last one"


def test_nothing_of_a_student_acts_or_tells_a_name(ta):
    page = ta()
    assert page.evaluate("window.hacked") is None
    assert "Answer" in page.locator("#answer").text_content()
    assert not page.get_by_text("s0").count()
    press(page, "n")
    assert page.locator("#who").text_content().startswith("s")


def test_a_comment_is_offered_again_and_a_grade_taken_back(ta, forty):
    page = ta()
    press(page, "2", "2", "c")
    page.keyboard.type("\nA good idea.\nWhy?")
    press(page, "Control+Enter")
    counted(page, "1 of 40")
    press(page, "0", "Shift+Digit1", "Enter")
    counted(page, "2 of 40")
    assert scores(forty) == [
        (0, "Part 1 ✗, 2 ✗\nA good idea.\nWhy?", None),
        (0.5, "Part 1 ✗, 2 ½\nA good idea.\nWhy?", None),
    ]
    press(page, "u")
    counted(page, "1 of 40")
    assert [score for score, _, _ in scores(forty)] == [0.5]
    assert page.locator("#comment").input_value() == ""


@pytest.mark.parametrize(("choice", "stands"), [("#keep", 2), pytest.param("#replace", 0, marks=pytest.mark.thorough)])
def test_two_people_at_one_answer(ta, forty, choice, stands):
    one, other = ta(), ta()
    press(one, "a", "Enter")
    counted(one, "1 of 40")
    press(other, "0", "Enter")
    other.wait_for_selector("#stale[open]")
    assert other.locator("#theirs").text_content().startswith("Graded by ")
    assert "2 of 2" in other.locator("#theirs").text_content()
    other.click(choice)
    press(other, "1", "Enter")
    counted(other, "2 of 40")
    assert [score for score, _, _ in scores(forty)] == sorted([stands, 1])


@pytest.mark.thorough
def test_shares_do_not_overlap(ta):
    page = ta()
    seen = []
    for share in ("1/3", "2/3", "3/3"):
        page.select_option("#share", share)
        page.locator("#answer").click()
        expect(page.locator("#counter")).to_have_text(re.compile(" · 1 / "))
        count = int(page.locator("#counter").text_content().split("/")[-1])
        for _ in range(count):
            page.wait_for_selector("#answer p")
            seen.append(page.locator("#answer").text_content())
            press(page, "j")
    assert len(seen) == len(set(seen)) == 40


@pytest.mark.parametrize(
    "typed", ["-1", *(pytest.param(text, marks=pytest.mark.thorough) for text in ("", "3", "2e12", "well done"))]
)
def test_points_that_the_question_cannot_have(ta, forty, typed):
    page = ta()
    page.fill("#score", typed)
    press(page, "Enter")
    assert page.locator("#message").is_visible()
    assert page.locator("#who").text_content() == "Answer 1"
    assert scores(forty) == []


@pytest.mark.thorough
def test_what_is_half_typed_outlives_the_failure_of_the_save_before(ta):
    page, held = ta(), []
    page.route("**/api/**/*", lambda route: held.append(route) if route.request.method == "PUT" else route.continue_())
    press(page, "a", "Enter", "1", "c")
    page.keyboard.type("\nA good")
    held[0].abort()
    page.wait_for_selector("#message:not([hidden])")
    page.keyboard.type(" idea.")
    assert page.locator("#comment").input_value() == "Part 1 ✓, 2 ✗\nA good idea."
    assert page.locator("#score").input_value() == "1"


@pytest.mark.thorough
def test_an_answer_that_arrives_late_takes_nobody_from_a_comment(ta):
    page, held = ta(), []
    page.route("**/api/**/*", lambda route: held.append(route))
    press(page, "j", "j", "c")
    page.keyboard.type("A good")
    for route in held:
        route.continue_()
    page.wait_for_selector("#answer p")
    page.keyboard.type(" idea.")
    assert page.locator("#comment").input_value() == "A good idea."


def test_a_server_that_is_gone(ta, forty):
    """The answer waits as before, and the page says so."""
    page = ta()
    page.route("**/api/**", lambda route: route.abort())
    press(page, "a", "Enter")
    page.wait_for_selector("#message:not([hidden])")
    assert "was not saved. The server does not answer" in page.locator("#message").text_content()
    counted(page, "0 of 40")
    page.unroute("**/api/**")
    press(page, "k", "a", "Enter")
    counted(page, "1 of 40")
    assert len(scores(forty)) == 1


def test_who_has_no_token_sees_nothing(served):
    """Jupyter asks for the token instead."""
    place = served[1].partition("?")[0]
    for path in ("", "/api/questions", "/api/questions/setup/reflect_why"):
        with urllib.request.urlopen(place + path) as answer:
            assert "/login" in answer.url
            assert b"<title>Manual grading" not in answer.read()
