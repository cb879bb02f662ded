"""tito new: a course that is whole, or none; dates by the clock of the place; nothing private in git."""

import base64
import functools
import json
import threading
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from autograder.template import start
from autograder.template.answers import Questionnaire, term_of
from autograder.template.start import Template, is_public
from tito.programs import git
from tito.workspace import Course, UserError, Workspace

ROOT = Path(__file__).resolve().parents[3]


def test_a_new_course(own, template):
    course = Workspace.find(own.root).course
    assert (course.course, course.title, course.hidden) == ("ml101", "ML 101", ("cnn",))
    assert {name: row.state for name, row in course.modules.items()} == {
        "setup": "taught",
        "tensor": "given",
        "mlp": "taught",
    }
    assert course.modules["mlp"].due.isoformat() == "2027-03-22T23:59:00+01:00"
    assert own.git("log", "--format=%s").splitlines() == ["ML 101, from v0.1.0", "first"]
    assert own.git("branch", "--format=%(refname:short)") == "main"
    assert own.git("remote") == "upstream"
    assert own.git("remote", "get-url", "upstream") == str(template.root)
    own.git("push", "upstream", "main", code=128)
    assert own.git("status", "--porcelain") == "", "the roster is ignored"
    assert own.root.stat().st_mode & 0o777 == 0o700, "it has solutions, and will have grades"
    assert (own / "roster.csv").read_text() == "id,first_name,last_name,email,lms_user_id\n"
    assert (own / "course.yml").read_text() == (template / "course.yml").read_text()


def test_what_it_says(template, tmp_path, tito, monkeypatch):
    (tmp_path / "answers.yml").write_text("{course: a, title: A, timezone: UTC, platform: gradescope}")
    monkeypatch.chdir(tmp_path)
    code, out, err = tito("new", "my b", "--answers", "answers.yml", "--template", template.root)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "my b is a course of its own. Keep it private: it has the solutions. The next commands:"
    assert lines[1] == "  cd 'my b' && make setup && source .venv/bin/activate"
    assert lines[2] == "  tito release setup"
    assert lines[3].startswith("  tito otter build setup")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("{titel: x}", "there is no question titel. The questions: course, title"),
        ("{course: a}", "no answer to title, timezone"),
        ("{course: a, title: A, timezone: Berlin}", "Did you mean Europe/Berlin?"),
        ("{course: a, title: A, timezone: UTC, first_due: soon}", "'soon' is no time like"),
        ("{course: a, title: A, timezone: UTC, every_days: often}", "every_days must be a whole number"),
        ("{course: a, title: A, timezone: UTC, modules: [tensr]}", "There is no module tensr"),
        ("{course: a, title: A, timezone: UTC, modules: []}", "modules must be all, or a list"),
        ("{course: a, title: A, timezone: UTC, late: {percent: 1}}", "late of setup can't be read"),
        ("{course: a, title: A, timezone: UTC, platform: fax}", "platform must be one of git"),
        ("{course: a, title: A, timezone: UTC, repository: ../x}", "repository must be the name of a folder"),
        ("{course: a, title: A, timezone: UTC, repository: otter}", "dist/otter is for something else"),
        ("{course: 3, title: A, timezone: UTC}", "course must be a text"),
        ("{course: a/b, title: A, timezone: UTC}", "course must be the name of a folder"),
        ("- a", "a mapping was expected"),
    ],
)
def test_an_impossible_answer_leaves_nothing(template, tmp_path, tito, answers, said):
    (tmp_path / "answers.yml").write_text(answers)
    place = tmp_path / "places" / "ml101"
    code, out, err = tito("new", place, "--answers", tmp_path / "answers.yml", "--template", template.root)
    assert (code, out, said in " ".join(err.split())) == (2, "", True), err
    assert not list((tmp_path / "places").glob("*")) if place.parent.exists() else True


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interruption_leaves_nothing(template, tmp_path, tito, monkeypatch, stop):
    def stops(*_, **__):
        raise stop

    monkeypatch.setattr("autograder.template.start.refuse_late_rule", stops)
    (tmp_path / "answers.yml").write_text("{course: a, title: A, timezone: UTC}")
    (tmp_path / "places").mkdir()
    arguments = ("--answers", tmp_path / "answers.yml", "--template", template.root)
    assert tito("new", tmp_path / "places" / "a", *arguments)[0] in (3, 130)
    assert list((tmp_path / "places").iterdir()) == []


def test_what_is_there_already_stays(own, template, tmp_path, tito):
    code, _, err = tito("new", own.root, "--answers", tmp_path / "answers.yml", "--template", template.root)
    assert (code, "exists already. Nothing was changed" in err) == (2, True)
    code, _, err = tito(
        "new", tmp_path / "x", "--answers", tmp_path / "answers.yml", "--template", tmp_path / "nowhere"
    )
    assert (code, "git failed" in err) == (2, True)
    arguments = ("--answers", tmp_path / "answers.yml", "--template", template.root, "--tag", "v9")
    code, _, err = tito("new", tmp_path / "x", *arguments)
    assert (code, "has no version v9" in err) == (2, True)
    code, _, err = tito("new", tmp_path / "x", "--template", template.root)
    assert (code, "Nobody is here to answer" in err) == (2, True)
    file = tmp_path / "answers.yml"
    code, _, err = tito("new", file / "x", "--answers", file, "--template", template.root)
    assert (code, "answers.yml is not a folder. Name another folder" in " ".join(err.split())) == (2, True)
    assert not (tmp_path / "x").exists()


def test_a_disk_that_is_full_for_git_is_nobodys_wrong_use(template, tmp_path, tito, full_disk):
    (tmp_path / "answers.yml").write_text("{course: a, title: A, timezone: UTC}")
    (tmp_path / "places").mkdir()
    full_disk("clone")
    arguments = ("--answers", tmp_path / "answers.yml", "--template", template.root)
    code, _, err = tito("new", tmp_path / "places" / "a", *arguments)
    assert (code, "fatal: write error: No space left on device" in err) == (3, True), err
    assert list((tmp_path / "places").iterdir()) == []


def test_nothing_secret_is_committed(template, tmp_path, tito, monkeypatch):
    monkeypatch.setenv("TINYTORCH_GRADEBOOK", "postgresql://me:PLANTED@localhost/grades")
    (tmp_path / "answers.yml").write_text("# PLANTED\n{course: a, title: A, timezone: UTC}")
    assert tito("new", tmp_path / "a", "--answers", tmp_path / "answers.yml", "--template", template.root)[0] == 0
    assert not [path for path in (tmp_path / "a").rglob("*") if path.is_file() and b"PLANTED" in path.read_bytes()]


IGNORED = """
roster.csv class.csv class.xlsx class.ods class.tsv report.html grades.json grades-canvas.csv docs/grades-moodle.csv
downloads/x.zip downloaded/x ada.zip docs/ada.zip inbox/ada/setup/x.ipynb exchange/x dist/report.html work.tar.gz
accommodations.yml gradebook.db gradebook.db-wal gradebook.db.1 copy.db backup/gradebook.dump
submitted/ada/setup/x.ipynb feedback/ada/x.html replaced/ada/x
"""


def test_students_data_is_ignored():
    names = IGNORED.split()
    assert git(ROOT, "check-ignore", *names).out.splitlines() == names
    course = ["source/setup/table.csv", "source/setup/images.zip", "docs/index.html", "deploy/jupyterhub/package.json"]
    assert git(ROOT, "check-ignore", *course, may_fail=True).out == ""


def test_questions_are_asked(template):
    course = Course.read(template / "course.yml")
    said = iter(["", "", "A", "Europe/Berlin", "2027-10-24 02:30", "7", "setup, tensor", "TU X", "", "10", ""])
    told: list[str] = []
    answers = Questionnaire.ask("ml1", course, lambda question: next(said), told.append)
    assert told == [
        "Enter takes what stands in brackets. The modules: setup, tensor, mlp, cnn.",
        "This question has no usual answer.",
    ]
    assert (answers.course, answers.modules, answers.late) == ("ml1", ["setup", "tensor"], {"percent_per_day": 10})
    term = term_of(answers, Course.read(template / "course.yml"))
    assert term["modules"]["setup"] == {"due": "2027-10-24 02:30"}
    assert term["modules"]["tensor"] == {"due": "2027-10-31T02:30:00+01:00"}, "the clock shows it twice on that day"
    assert yaml.safe_load(yaml.safe_dump(term)) == term


def test_a_public_remote_is_noticed(template, tmp_path, tito, own):
    template.git("update-server-info")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=template / ".git")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert is_public(f"{url}/")
        assert not is_public(f"{url}/nowhere")
        arguments = ("--answers", tmp_path / "answers.yml", "--template", template.root, "--remote", f"{url}/")
        code, _, err = tito("new", tmp_path / "b", *arguments)
        assert (code, "make it private before you push" in " ".join(err.split())) == (0, True)
        server.shutdown()
    assert not is_public(str(tmp_path))


@pytest.mark.parametrize(
    ("noted", "found"),
    [
        ({"url": "https://x/y", "vcs_info": {"commit_id": "abc"}}, Template("https://x/y", "https://x/y")),
        (
            {"url": "https://x/y", "vcs_info": {"commit_id": "abc", "requested_revision": "v0.1.0"}},
            Template("https://x/y", "https://x/y", "abc"),
        ),
    ],
)
def test_an_installed_tito_knows_its_template(monkeypatch, noted, found):
    """As `uvx --from git+URL` installs it: outside of a checkout."""
    monkeypatch.setattr(start, "MANIFEST", "nowhere.yml")
    monkeypatch.setattr(start, "distribution", lambda name: SimpleNamespace(read_text=lambda file: json.dumps(noted)))
    assert Template.installed() == found


def test_a_tito_that_was_installed_in_another_way_asks_for_the_template(monkeypatch):
    monkeypatch.setattr(start, "MANIFEST", "nowhere.yml")
    monkeypatch.setattr(start, "distribution", lambda name: SimpleNamespace(read_text=lambda file: None))
    with pytest.raises(UserError, match="Name the template: --template URL"):
        Template.installed()


def test_a_mistaken_answer_is_asked_for_again_at_once(template):
    mistakes = {
        "Title": ("", "This question has no usual answer."),
        "Time zone": ("Berlin", "Did you mean Europe/Berlin?"),
        "First due": ("2027-02-01", "'2027-02-01' is no time like 2027-02-01 23:59: the hour is missing"),
        "Days": ("often", "'often' is no number"),
        "Modules": ("tensr", "There is no module tensr. The modules: setup, tensor, mlp, cnn."),
        "Name": ("../x", "repository must be the name of a folder"),
        "What a day": ("1000", "'1000' is no number from 0 to 100"),
        "Platform": ("fax", "platform must be one of git"),
    }
    left = dict(mistakes)
    told: list[str] = []

    def ask(question: str) -> str:
        for beginning in [one for one in mistakes if question.startswith(one) and one in left]:
            return left.pop(beginning)[0]
        return {"Title": "A", "Time ": "Europe/Berlin"}.get(question[:5], "")

    answers = Questionnaire.ask("ml1", Course.read(template / "course.yml"), ask, told.append)
    assert (answers.title, answers.timezone, answers.modules, answers.platform) == ("A", "Europe/Berlin", "all", "git")
    assert len(told) == 1 + len(mistakes)
    assert all(due in text for (_, due), text in zip(mistakes.values(), told[1:], strict=True)), told


@pytest.mark.parametrize(
    ("modules", "states"),
    [
        ("all", {"rnn": "elective", "gnn": "draft"}),
        (["setup", "tensor", "mlp", "cnn", "rnn"], {"rnn": "taught", "gnn": "draft"}),
        (["setup", "gnn"], {"tensor": "given", "mlp": "given", "cnn": "hidden", "rnn": "elective", "gnn": "taught"}),
        (["setup"], {"tensor": "hidden", "mlp": "hidden", "cnn": "hidden", "rnn": "hidden", "gnn": "hidden"}),
    ],
)
def test_what_is_not_taught_in_the_template_is_taught_where_somebody_asks_for_it(template, modules, states):
    """Else it stays what it is, where students have what it needs."""
    rows = "".join(
        f"  - {{name: {name}, title: N, goal: G, needs: [mlp], minutes: 90, state: {state}}}\n"
        for name, state in (("rnn", "elective"), ("gnn", "draft"))
    )
    (template.root / "course.yml").write_text((template.root / "course.yml").read_text() + rows)
    term = term_of(Questionnaire("a", "A", "UTC", modules=modules), Course.read(template.root / "course.yml"))
    (template.root / "term.yml").write_text(yaml.safe_dump(term))
    course = Course.read(template.root / "course.yml")
    found = {name: row.state for name, row in course.modules.items()} | dict.fromkeys(course.hidden, "hidden")
    assert found == {name: states.get(name, "taught") for name in ("setup", "tensor", "mlp", "cnn", "rnn", "gnn")}
    assert course.gaps() == []


class ForMe(SimpleHTTPRequestHandler):
    """Serves whoever says the password."""

    def do_GET(self):
        right = f"Basic {base64.b64encode(b'me:token').decode()}"  # some gits send an empty password first
        if self.headers["Authorization"] == right:
            super().do_GET()
        else:
            self.send_response(HTTPStatus.UNAUTHORIZED)
            self.send_header("WWW-Authenticate", "Basic realm=x")
            self.end_headers()


def test_what_only_i_can_read_is_not_public(template, tmp_path, monkeypatch):
    """With a token in the address, with a .netrc, or where my git goes another way than the address says."""
    template.git("update-server-info")
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(ForMe, directory=template / ".git")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = f"127.0.0.1:{server.server_port}/"
        mine = f"http://me:token@{place}"
        assert git(tmp_path, "ls-remote", mine, may_fail=True).code == 0
        assert not is_public(mine)
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password token\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert not is_public(f"http://{place}")
        (tmp_path / ".gitconfig").write_text(f'[url "{mine}"]\n\tinsteadOf = http://{place}x\n')
        monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
        assert git(tmp_path, "ls-remote", f"http://{place}x", may_fail=True).code == 0
        assert not is_public(f"http://{place}x")
        server.shutdown()


def test_a_course_of_ones_own_is_no_template(own, tmp_path, tito):
    """Its newest tag is the template's, and a term.yml would take the place of its own."""
    code, _, err = tito("new", tmp_path / "next", "--answers", tmp_path / "answers.yml", "--template", own.root)
    assert (code, "ml101 has a term.yml: it is a course of its own, and no template" in " ".join(err.split())) == (
        2,
        True,
    )
    assert not (tmp_path / "next").exists()


@pytest.mark.parametrize(
    ("options", "begun"), [((), "v0.1.0"), (("--tag", "trunk"), "later"), (("--tag", "v0.2.0-rc1"), "v0.2.0-rc1")]
)
def test_where_a_course_begins(template, tmp_path, tito, options, begun):
    """With the newest version, which no release candidate is; or with whatever of the template is named."""
    template.commit("try this", "v0.2.0-rc1")
    template.commit("go on", "later")
    (tmp_path / "answers.yml").write_text("{course: a, title: A, timezone: UTC}")
    arguments = ("--answers", tmp_path / "answers.yml", "--template", template.root, *options)
    assert tito("new", tmp_path / "a", *arguments)[0] == 0
    assert git(tmp_path / "a", "log", "-1", "--format=%s").out == f"A, from {begun}"
