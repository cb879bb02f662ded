"""What arrives is answered once, with a page that shows what the student may see, whatever stops the watch."""

import json
import shutil
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import nbformat
import pytest
import sqlalchemy as sa
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

from autograder.deadlines.attempts import AttemptRule, day_of
from autograder.gradebook.attempts import Attempts
from autograder.gradebook.tables import ATTEMPTS
from autograder.intake.inbox import Inbox
from autograder.watching import watcher
from autograder.watching.state import only_one, queue_line
from tests.autograder.gradebook.test_stops import with_exchange
from tito.workspace import UserError, Workspace

WRONG = {"double": "def double(x):\n    return x"}
HIDDEN_ONLY = {"double": "def double(x):\n    return 6 if isinstance(x, int) else len(3)"}
TODAY = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)


class Noon(datetime):
    """A clock that stands: midnight may come while these tests run."""

    @classmethod
    def now(cls, tz=None):
        return TODAY.replace(hour=12)


pytestmark = pytest.mark.needs("files")


@pytest.fixture(scope="module")
def with_inbox(shut_in, released, tmp_path_factory):
    return with_exchange(shutil.copytree(released, tmp_path_factory.mktemp("watch") / "course"))


@pytest.fixture
def course_here(with_inbox, own_copy, monkeypatch):
    monkeypatch.setattr(watcher, "datetime", Noon)
    return own_copy(with_inbox)


def arrive(root, student, notebook, at=TODAY, secret=True):
    """Hand in through the exchange, as nbgrader does; the hand-in's folder."""
    time = f"{at:%Y-%m-%d %H:%M:%S.%f} UTC"
    folder = root / "exchange" / "tinytorch" / "inbound" / f"{student}+setup+{time}+{at.microsecond:x}"
    folder.mkdir(parents=True)
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    (folder / "setup_dev.ipynb").write_text(text)
    (folder / "timestamp.txt").write_text(time)
    if secret:
        (folder / "submission_secret.txt").write_text(f"secret of {folder.name}")
    return folder


def page(root, folder):
    """What the student fetches for a hand-in; "" for nothing."""
    name = notebook_hash(secret=f"secret of {folder.name}", notebook_id="setup_dev")
    path = root / "exchange" / "tinytorch" / "feedback" / f"{name}.html"
    return path.read_text() if path.is_file() else ""


def rule(root, text):
    path = root / "course.yml"
    path.write_text(path.read_text().replace("course: tinytorch", f"course: tinytorch\nattempts: {text}", 1))


def due(root, moment):
    path = root / "course.yml"
    path.write_text(path.read_text().replace("due: null", f"due: {moment:%Y-%m-%dT%H:%M:%S+00:00}", 1))


@contextmanager
def gradebook_in(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        yield gradebook


def score(root, student):
    with gradebook_in(root) as gradebook:
        return gradebook.find_submission("setup", student).score


def attempts(root):
    with gradebook_in(root) as gradebook:
        return sorted((one.student, one.score) for one in Attempts(gradebook).all)


WATCH = ("watch", "setup", "--once", "--every", "0")


def test_each_hand_in_is_answered_once_and_the_last_one_counts(course_here, tito, solved):
    ada, bob = arrive(course_here, "ada", solved()), arrive(course_here, "bob", solved(WRONG))
    broken = arrive(course_here, "cem", "{")
    code, said, _ = tito(*WATCH)
    assert code == 1, said
    assert "cem" in said
    assert attempts(course_here) == [("ada", 9), ("bob", 3)]
    assert (score(course_here, "ada"), score(course_here, "bob")) == (9, 3)
    assert "twice three" in page(course_here, ada)
    assert "expected" in page(course_here, bob)
    assert "a person looks at it" in page(course_here, broken)
    shutil.rmtree(broken)
    assert tito(*WATCH)[:2] == (0, ""), "nothing is graded twice"
    again = arrive(course_here, "ada", solved(WRONG), TODAY + timedelta(minutes=5))
    assert tito(*WATCH)[0] == 0
    assert score(course_here, "ada") == 3
    assert attempts(course_here) == [("ada", 3), ("ada", 9), ("bob", 3)]
    assert page(course_here, again)


def test_hidden_checks_stay_hidden_until_the_deadline(course_here, tito, solved):
    early = arrive(course_here, "ada", solved(HIDDEN_ONLY))
    right = arrive(course_here, "bob", solved())
    due(course_here, TODAY + timedelta(days=2))
    assert tito(*WATCH)[0] == 0
    assert attempts(course_here) == [("ada", 3), ("bob", 9)]
    shown = page(course_here, early)
    assert "random arrays" not in shown
    assert shown.replace("ada", "bob").replace(early.name, right.name) == page(course_here, right), "no bit of it shows"
    rule(course_here, "{hidden: always}")
    late = arrive(
        course_here, "ada", solved(HIDDEN_ONLY | {"normal": "def normal(n):\n    return []"}), TODAY + timedelta(1)
    )
    assert tito(*WATCH)[0] == 0
    shown = page(course_here, late)
    assert "random arrays" in shown
    assert "some values differ" not in shown
    assert "another" not in shown


def test_the_days_attempts(course_here, tito, solved):
    rule(course_here, "{per_day: 1}")
    yesterday = TODAY - timedelta(days=1)
    for at in (yesterday, TODAY):
        arrive(course_here, "ada", solved(WRONG), at)
        assert tito(*WATCH)[0] == 0
    assert len(attempts(course_here)) == 2
    waits = arrive(course_here, "ada", solved(), TODAY + timedelta(minutes=1))
    code, said, _ = tito(*WATCH)
    assert (code, "waits until tomorrow" in said) == (0, True)
    assert "graded tomorrow" in page(course_here, waits)
    assert len(attempts(course_here)) == 2
    with sa.create_engine(f"sqlite:///{course_here}/gradebook.db").begin() as database:  # a day passes
        database.execute(ATTEMPTS.update().values(day=date(2026, 1, 1)))
    assert tito(*WATCH)[0] == 0
    assert attempts(course_here) == [("ada", 3), ("ada", 3), ("ada", 9)]
    assert "Page 1 of 1" in page(course_here, waits)


def test_the_best_counts(course_here, tito, solved):
    rule(course_here, "{counts: best}")
    for minute, (cells, expected) in enumerate([(WRONG, 3), ({}, 9), (WRONG, 9)]):
        arrive(course_here, "ada", solved(cells), TODAY + timedelta(minutes=minute))
        assert tito(*WATCH)[0] == 0
        assert score(course_here, "ada") == expected
    assert attempts(course_here) == [("ada", 3), ("ada", 3), ("ada", 9)]
    code, said, _ = tito("grade", "setup", "--json")
    (row,) = json.loads(said)
    assert (code, row["score"], row["unchanged"]) == (0, 9, True), "submitted/ holds the one that counts"
    kept = {path.read_text() for path in (course_here / "replaced" / "ada").glob("*/setup_dev.ipynb")}
    assert any("return x" in text for text in kept), "and nothing is lost"


def test_a_final_page_is_not_replaced(course_here, tito, solved):
    folder = arrive(course_here, "ada", solved())
    assert tito("collect", "setup", "exchange/tinytorch/inbound")[0] == 0
    assert tito("grade", "setup")[0] == 0
    assert tito("feedback", "setup", "--exchange", "--anyway")[0] == 0
    final = page(course_here, folder)
    assert final
    assert tito(*WATCH)[0] == 0, "the exchange is watched from now on"
    assert page(course_here, folder) == final
    arrive(course_here, "bob", solved())
    assert tito(*WATCH)[0] == 0
    assert tito("feedback", "setup", "--exchange", "--anyway")[0] == 0
    assert len(list(course_here.glob("exchange/*/feedback/*.html"))) == 2, (
        "a final page takes the place of a first look"
    )


@pytest.mark.parametrize("at", ["taken", "graded", "sent", "noted"])
def test_stopped_anywhere_the_next_one_goes_on(course_here, tito, solved, monkeypatch, at):
    folder = arrive(course_here, "ada", solved(WRONG))
    places = {
        "taken": "autograder.watching.watcher.grade_module",
        "graded": "autograder.watching.watcher.shown_questions",
        "sent": "autograder.watching.watcher.answer_in_exchange",
        "noted": "autograder.watching.watcher.Attempt",
    }

    def stops(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patches:
        patches.setattr(places[at], stops)
        assert tito(*WATCH)[0] == 130
    assert attempts(course_here) == []
    assert tito(*WATCH)[0] == 0
    assert attempts(course_here) == [("ada", 3)]
    assert page(course_here, folder)


def test_a_folder_and_a_newer_file_in_it(course_here, tito, solved):
    place = course_here / "inbox" / "ada" / "setup"
    place.mkdir(parents=True)
    watch = ("watch", "--from", "inbox", "--once", "--every", "0")
    for cells, expected in ((WRONG, 3), ({}, 9)):
        (place / "setup_dev.ipynb").write_text(nbformat.writes(solved(cells)))
        code, said, _ = tito(*watch)
        assert code == 0, said
        assert score(course_here, "ada") == expected
    assert "first look" in (course_here / "dist" / "provisional" / "setup" / "ada.html").read_text()
    assert tito(*watch)[1] == ""


def test_what_is_still_being_written_waits(tmp_path):
    folder = tmp_path / "ada+setup+2026-10-01 10:00:00.000000 UTC+a"
    folder.mkdir()
    inbox = Inbox(tmp_path)
    assert inbox.look(set()) == []
    (folder / "setup_dev.ipynb").write_text("{")
    assert inbox.look(set()) == []
    (found,) = inbox.look(set())
    assert (found.module, found.at) == ("setup", datetime(2026, 10, 1, 10, tzinfo=UTC))
    assert inbox.look({folder.name}) == []
    shutil.rmtree(folder)
    assert inbox.look(set()) == []
    with pytest.raises(UserError, match="is not there"):
        Inbox(tmp_path / "gone").look(set())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{per_day: 0}", "attempts of setup: per_day must be a whole number from 1 up"),
        ("{per_day: yes}", "per_day"),
        ("{counts: newest}", "attempts of setup: counts must be last or best"),
        ("{hidden: never}", "attempts of setup: hidden must be after_deadline or always"),
        ("{a_day: 1}", "can't be read"),
        ("5", "must be like"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(classroom, given, said):
    rule(classroom, given)
    with pytest.raises(UserError, match=said):
        AttemptRule.of(Workspace.find(classroom).course, "setup")


def test_days_go_by_the_courses_clock():
    evening = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    berlin = ZoneInfo("Europe/Berlin")
    assert (day_of(evening, None), day_of(evening, berlin)) == (date(2026, 6, 1), date(2026, 6, 2))
    two = AttemptRule(per_day=2)
    later = evening + timedelta(days=1)
    assert two.day_for(evening, {}, later, None) == date(2026, 6, 1)
    assert two.day_for(evening, {date(2026, 6, 1): 2}, later, None) == date(2026, 6, 2)
    assert two.day_for(evening, {date(2026, 6, 1): 2}, evening, None) is None


def test_one_watch_at_a_time_and_its_queue(course_here, tito, solved):
    workspace = Workspace.find(course_here)
    assert queue_line(workspace) == ""
    arrive(course_here, "ada", solved())
    assert tito(*WATCH)[0] == 0
    assert "does not run" in queue_line(workspace)
    with only_one(course_here):
        assert "0 wait, 1 answered since its start" in queue_line(workspace)
        assert "0 wait" in tito("info")[1]
        assert "Another `tito watch`" in tito(*WATCH)[2]


def test_a_module_that_is_taught_from_today_on_is_watched(course_here):
    """Without a restart; and a term.yml that can't be read for a moment ends nothing."""
    (course_here / "term.yml").write_text("modules: {setup: {state: draft}}")
    every = watcher.Watcher(course_here, Inbox(course_here), [], every=True)
    named = watcher.Watcher(course_here, Inbox(course_here), ["setup"])
    for text, expected in (("", ["setup"]), ("titel: x", ["setup"]), ("modules: {setup: {state: draft}}", [])):
        (course_here / "term.yml").write_text(text)
        every.look(), named.look()
        assert (every.modules, named.modules) == (expected, ["setup"])
