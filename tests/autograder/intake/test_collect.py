"""From what Moodle, Canvas, the exchange and students give to submitted/: nothing is lost, nothing is left unsaid."""

import io
import json
import zipfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.intake.archives import files_in
from autograder.intake.owners import CanvasNames, MoodleNames, PathNames, owner

CSV = """\ufeffLast_Name;First_Name;ID;Email;LMS_user_id;Group
Lovelace;Ada;ada;ada@example.com;4711;1
"O'Neil; Jr.";Zoë;zoe;zoe@example.com;4712;1
Müller;Jürgen;jm;jm@example.com;4713;2
"""


def packed(files: dict) -> bytes:
    """A zip of path → text, bytes, or dict (a zip in the zip)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, packed(content) if isinstance(content, dict) else content)
    return made.getvalue()


@pytest.fixture
def notebook(solved):
    """A function that makes a notebook's text, recognisable by a word in it."""
    return lambda word="1 + 1": nbformat.writes(solved(extra=[word]))


@pytest.fixture
def collect(classroom, tito):
    """A function that collects a zip or folder: exit code, and path → (student, what became of it)."""

    def run(files, name="given.zip", module="setup"):
        path = classroom.parent / name
        if isinstance(files, dict):
            path.write_bytes(packed(files))
        code, out, err = tito("collect", module, str(path), "--json")
        assert out, err
        return code, {row["path"].removeprefix(f"{name}/"): (row["student"], row["text"]) for row in json.loads(out)}

    return run


@pytest.fixture
def roster(classroom, tito):
    (classroom / "roster.csv").write_text(CSV)
    code, out, err = tito("roster", "import", "roster.csv")
    assert (code, "3 students" in out) == (0, True), err
    return classroom


def collected(root, student) -> str:
    return (root / "submitted" / student / "setup" / "setup_dev.ipynb").read_text()


def test_moodle(roster, collect, notebook):
    code, rows = collect(
        {
            "Ada Lovelace_101_assignsubmission_file_/setup_dev (1).ipynb": notebook("'ada'"),
            "Ada Lovelace_101_assignsubmission_file_/notes.txt": "mine",
            "Zoë O'Neil; Jr._102_assignsubmission_file_my homework.ipynb": notebook("'zoe'"),
            "Jürgen Müller_103_assignsubmission_file_/answer.pdf": b"%PDF",
            "Grace Hopper_104_assignsubmission_file_/setup_dev.ipynb": notebook("'grace'"),
            "Ada Lovelace_101_assignsubmission_onlinetext_/onlinetext.html": "<p>hello</p>",
            "__MACOSX/._x": b"",
        }
    )
    assert code == 1
    assert rows == {
        "Ada Lovelace_101_assignsubmission_file_/setup_dev (1).ipynb": ("ada", "taken"),
        "Ada Lovelace_101_assignsubmission_file_/notes.txt": ("ada", "taken along"),
        "Zoë O'Neil; Jr._102_assignsubmission_file_my homework.ipynb": ("zoe", "taken"),
        "Jürgen Müller_103_assignsubmission_file_/answer.pdf": ("jm", "left out: no notebook of setup"),
        "Grace Hopper_104_assignsubmission_file_/setup_dev.ipynb": ("", "Grace Hopper 104 is not in the roster"),
        "Ada Lovelace_101_assignsubmission_onlinetext_/onlinetext.html": ("ada", "left out: no notebook of setup"),
        "__MACOSX/._x": ("", "left out: a system's own file"),
    }
    assert "'ada'" in collected(roster, "ada")
    assert (roster / "submitted/ada/setup/notes.txt").read_text() == "mine"
    assert sorted(path.name for path in (roster / "submitted").glob("[!.]*")) == ["ada", "zoe"]


def test_canvas(roster, collect, notebook):
    code, rows = collect(
        {
            "lovelaceada_4711_900001_setup_dev.ipynb": notebook("'first'"),
            "lovelaceada_4711_900007_setup_dev-2.ipynb": notebook("'third'"),
            "lovelaceada_4711_900004_setup_dev-1.ipynb": notebook("'second'"),
            "oneiljrzoe_LATE_4712_900010_setup_dev.ipynb": notebook("'late'"),
            "mullerjurgen_4713_900011_setup-20261125T101500Z.zip": {
                "setup/setup_dev.ipynb": notebook("'packed'"),
                "setup/data.npz": b"npz",
            },
        }
    )
    assert code == 0
    assert {path: row for path, row in rows.items() if row[1] != "left out: an older attempt"} == {
        "lovelaceada_4711_900007_setup_dev-2.ipynb": ("ada", "taken"),
        "oneiljrzoe_LATE_4712_900010_setup_dev.ipynb": ("zoe", "taken, late"),
        "mullerjurgen_4713_900011_setup-20261125T101500Z.zip/setup/setup_dev.ipynb": ("jm", "taken"),
        "mullerjurgen_4713_900011_setup-20261125T101500Z.zip/setup/data.npz": ("jm", "taken along"),
    }
    assert "'third'" in collected(roster, "ada")
    assert (roster / "submitted/jm/setup/data.npz").read_bytes() == b"npz"
    assert not (roster / "submitted/jm/setup/timestamp.txt").exists()  # the student named the zip


def with_deadline(root, due="2026-11-25T12:00:00+00:00"):
    manifest = root / "course.yml"
    manifest.write_text(manifest.read_text().replace("due: null", f"due: {due}", 1))


def exchange(notebook, *times, student="ada"):
    return {
        f"{student}+setup+2026-11-{time} UTC+ab12/setup_dev.ipynb": notebook(f"'{student} {time}'") for time in times
    } | {f"{student}+setup+2026-11-{time} UTC+ab12/timestamp.txt": f"2026-11-{time} UTC" for time in times}


def test_of_several_attempts_the_newest_in_time_counts(classroom, collect, notebook):
    with_deadline(classroom)
    code, rows = collect(exchange(notebook, "24 10:00:00.5", "25 11:59:00.1", "26 09:00:00.0"))
    assert code == 0
    found = {path[10:22]: row for path, row in rows.items() if path.endswith(".ipynb")}
    assert found == {
        "2026-11-24 1": ("ada", "left out: an older attempt"),
        "2026-11-25 1": ("ada", "taken"),
        "2026-11-26 0": ("ada", "left out: late, and another one was in time"),
    }
    assert "25 11:59" in collected(classroom, "ada")


def test_an_extension_moves_the_deadline(classroom, collect, notebook):
    with_deadline(classroom)
    manifest = classroom / "course.yml"
    manifest.write_text(manifest.read_text().replace("timezone: null", "timezone: Europe/Berlin"))
    (classroom / "accommodations.yml").write_text("ada:\n  all: {extra_days: 2}\n")
    collect(exchange(notebook, "25 11:59:00.1", "26 09:00:00.0") | exchange(notebook, "27 09:00:00.0", student="bert"))
    assert "26 09:00" in collected(classroom, "ada")
    assert "bert 27" in collected(classroom, "bert")


UNREADABLE = {
    "2026-11-25 10:00:00 CEST": "'CEST' is no offset: write +02:00 or UTC, say",
    "2026-11-25 10:00:00 EDT": "'EDT' is no offset: write +02:00 or UTC, say",
    "2026-11-25 10:00:00": "has no offset from UTC, and course.yml no timezone: to read it by",
    "yesterday": "not taken: 'yesterday' is no time like",
}


@pytest.mark.parametrize(
    ("where", "time", "said"),
    [
        *(("name", time, said) for time, said in UNREADABLE.items()),
        *(("file", time, said) for time, said in UNREADABLE.items()),
        ("file", "", "not taken: '' is no time like"),
    ],
)
def test_whose_time_can_not_be_read_stays_unchanged(classroom, collect, notebook, where, time, said):
    collect(exchange(notebook, "24 10:00:00.5"))
    name = f"ada+setup+{time}+ab" if where == "name" else "ada/setup"
    given = {f"{name}/setup_dev.ipynb": notebook("'new'")} | exchange(notebook, "24 10:00:00.5", student="bert")
    if where == "file":
        given[f"{name}/timestamp.txt"] = time
    code, rows = collect(given)
    assert code == 1
    student, text = rows[f"{name}/setup_dev.ipynb"]
    assert (student, said in text) == ("ada", True), text
    assert "ada 24 10:00" in collected(classroom, "ada")
    assert "bert 24" in collected(classroom, "bert")


@pytest.mark.parametrize(
    ("zone", "time", "utc"),
    [
        ("Europe/Berlin", "2026-11-25 10:00:00", "09:00:00"),
        ("America/New_York", "2026-11-25 10:00:00", "15:00:00"),
        ("Europe/Berlin", "2026-11-25 10:00:00 +0300", "07:00:00"),
        ("Europe/Berlin", "2026-11-25 10:00:00 UTC", "10:00:00"),
        ("Europe/Berlin", "\ufeff2026-11-25 10:00:00 -05:00", "15:00:00"),
    ],
)
def test_times_by_the_courses_clock(classroom, collect, notebook, zone, time, utc):
    manifest = classroom / "course.yml"
    manifest.write_text(manifest.read_text().replace("timezone: null", f"timezone: {zone}"))
    given = {"ada/setup/setup_dev.ipynb": notebook(), "ada/setup/timestamp.txt": time}
    if not time.startswith("\ufeff"):
        given[f"bert+setup+{time}+ab/setup_dev.ipynb"] = notebook()
    assert collect(given)[0] == 0
    for student in ("ada", "bert")[: len(given) - 1]:
        stamp = (classroom / "submitted" / student / "setup" / "timestamp.txt").read_text()
        assert stamp == f"2026-11-25 {utc}.000000 UTC"


def test_a_mark_of_lateness_without_a_time(roster, tito, notebook, monkeypatch):
    with_deadline(roster)
    given = roster.parent / "given.zip"
    names = ["lovelaceada_LATE_4711_9_setup_dev.ipynb", "mullerjurgen_4713_10_setup_dev.ipynb"]
    given.write_bytes(packed({name: notebook() for name in names}))
    screen = io.StringIO()
    monkeypatch.setattr("tito.console.messages", lambda: Console(file=screen, force_terminal=True))
    code, out, _ = tito("collect", "setup", str(given))
    assert (code, "1 need a person" in out) == (1, True)
    assert "collecting setup" in screen.getvalue()
    assert sorted(path.parent.name for path in (roster / "submitted").glob("*/setup")) == ["jm"]
    assert (roster / "submitted/jm/setup/timestamp.txt").read_text() == "in time"
    (roster / "map.csv").write_text("4711,,2026-11-25 13:00:00 UTC\n4719,,in time\n")
    code, out, _ = tito("collect", "setup", str(given), "--map", "map.csv", "--json")
    rows = {row["path"].rpartition("/")[2]: (row["text"], row["trouble"]) for row in json.loads(out)}
    assert code == 1
    assert [rows[name] for name in names] == [("taken, late", False), ("unchanged", False)]
    assert rows["map.csv, line 2"][1]
    for said in ("--time", "yesterday"), ("--map", "none.csv"):
        assert tito("collect", "setup", str(given), *said)[0] == 2


@pytest.mark.parametrize("due", [True, False])
def test_a_later_attempt_that_says_no_time(classroom, collect, notebook, due):
    collect(exchange(notebook, "24 10:00:00.5"))
    if due:
        with_deadline(classroom)
    code, rows = collect({"ada/setup/setup_dev.ipynb": notebook("'new'")})
    text = rows["ada/setup/setup_dev.ipynb"][1]
    if due:
        assert (code, text) == (
            1,
            "not taken: it says no time, and what is in submitted/ is of 2026-11-24 10:00:00 UTC",
        )
        assert "24 10:00" in collected(classroom, "ada")
    else:
        assert (code, text) == (0, "taken; what was there is in replaced/ada/setup-1")
        assert not (classroom / "submitted/ada/setup/timestamp.txt").exists()


def test_a_time_that_can_not_be_is_not_believed(classroom, tito, collect, notebook):
    with_deadline(classroom)
    given = {"ada/setup/setup_dev.ipynb": notebook()}
    path = classroom.parent / "given.zip"
    path.write_bytes(packed(given))
    code, _, err = tito("collect", "setup", str(path), "--time", "2126-11-25 11:00 UTC")
    assert (code, "--time: '2126-11-25 11:00 UTC' is still to come" in err) == (2, True)
    (classroom / "map.csv").write_text("ada,,2006-11-25 11:00 UTC\n")
    code, _, err = tito("collect", "setup", str(path), "--map", "map.csv")
    assert (code, "map.csv, line 1: '2006-11-25 11:00 UTC' is before there was" in err) == (2, True)
    code, out, _ = tito("collect", "setup", str(path), "--time", "2025-11-25 13:00 UTC", "--json")
    assert code == 1
    assert "2025-11-25 13:00 UTC is 364 days before it was due: is the year right?" in json.loads(out)[0]["text"]
    times = exchange(notebook, "25 11:00:00.5", student="bob") | {
        "ada+setup+2126-11-25 11:00:00 UTC+x/setup_dev.ipynb": notebook()
    }
    code, rows = collect(times)
    assert code == 1
    assert {who: text.partition(":")[0] for path, (who, text) in rows.items() if path.endswith(".ipynb")} == {
        "bob": "taken",
        "ada": "not taken",
    }
    assert not (classroom / "submitted/ada").exists()


@pytest.mark.parametrize("first", ["2026-11-26 11:00 UTC", "2026-11-24 11:00 UTC", "in time"])
@pytest.mark.parametrize("then", ["2026-11-25 11:00 UTC", "2026-11-25 13:00 UTC"])
def test_a_person_can_correct_the_time(classroom, tito, notebook, first, then):
    """With --map, to an earlier or a late one, too. --time is for all, and changes none that is known."""
    with_deadline(classroom)
    path, stamp = classroom.parent / "given.zip", classroom / "submitted/ada/setup/timestamp.txt"
    path.write_bytes(packed({"ada/setup/setup_dev.ipynb": notebook()}))
    for _ in range(2):
        assert tito("collect", "setup", str(path), "--time", first)[0] == 0
    (classroom / "map.csv").write_text(f"ada,,{then}\n")
    assert tito("collect", "setup", str(path), "--map", "map.csv")[0] == 0
    assert stamp.read_text() == f"{then[:16]}:00.000000 UTC"
    for other in ("in time", "2026-11-25 11:30 UTC", "2026-11-25 13:30 UTC"):
        code, out, _ = tito("collect", "setup", str(path), "--time", other, "--json")
        assert (code, f"the same work is in submitted/, of {then}" in out) == (0, True)
        assert stamp.read_text() == f"{then[:16]}:00.000000 UTC"


def test_what_a_hidden_module_left_in_the_exchange_is_left_out(classroom, collect, notebook):
    manifest = classroom / "course.yml"
    manifest.write_text(manifest.read_text().replace("  - name: tensor", "  - name: tensor\n    state: hidden"))
    (classroom / "accommodations.yml").write_text("ada: {tensor: {extra_days: 2}, setup: {extra_days: 1}}\n")
    given = exchange(notebook, "24 10:00:00.5") | {"ada/tensor/tensor_dev.ipynb": "{}"}
    given |= {path.replace("+setup+", "+tensor+"): text for path, text in given.items() if "+setup+" in path}
    code, rows = collect(given)
    assert code == 0
    assert {text for path, (_, text) in rows.items() if "tensor" in path} == {"left out: of tensor"}


def test_an_accommodation_for_nobody_is_refused(classroom, tito, notebook):
    (classroom / "accommodations.yml").write_text("adda:\n  all: {no_penalty: true}\n")
    (classroom.parent / "given.zip").write_bytes(packed(exchange(notebook, "24 10:00:00.5")))
    code, _, err = tito("collect", "setup", str(classroom.parent / "given.zip"))
    assert (code, "no student 'adda' in the gradebook or in submitted/. Did you mean ada?" in err) == (2, True)
    assert not list((classroom / "submitted").glob("[!.]*"))


def test_again_changes_nothing_and_nothing_is_lost(classroom, collect, notebook):
    given = exchange(notebook, "24 10:00:00.5")
    given |= {next(iter(given)).replace("setup_dev.ipynb", name): "x" for name in (".hidden", "_private", "notes.txt")}
    assert collect(given)[0] == 0
    before = {path: path.read_bytes() for path in (classroom / "submitted").rglob("*") if path.is_file()}
    _, rows = collect(given)
    assert [row[1] for row in rows.values()].count("unchanged") == 1
    assert {path: path.read_bytes() for path in (classroom / "submitted").rglob("*") if path.is_file()} == before
    _, rows = collect(exchange(notebook, "25 10:00:00.5"))
    assert ("ada", "taken; what was there is in replaced/ada/setup-1") in rows.values()
    assert "24 10:00" in (classroom / "replaced/ada/setup-1/setup_dev.ipynb").read_text()
    _, rows = collect(given)
    assert ("ada", "left out: submitted/ has a newer one") in rows.values()
    assert "25 10:00" in collected(classroom, "ada")


def test_a_folder_as_submitted_and_nbgraders_own_names(classroom, collect, notebook):
    manifest = classroom / "course.yml"
    manifest.write_text(manifest.read_text().replace("timezone: null", "timezone: UTC"))
    folder = classroom.parent / "given"
    for path in ("ada/setup/setup_dev.ipynb", "setup_bert_attempt_2026-01-30-15-00-00_setup_dev.ipynb"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(notebook())
    (folder / "link").symlink_to("/etc/passwd")
    code, rows = collect(None, "given")
    assert (code, rows["link"]) == (1, ("", "not read: a link"))
    assert rows["ada/setup/setup_dev.ipynb"] == ("ada", "taken")
    assert (classroom / "submitted/bert/setup/timestamp.txt").read_text().startswith("2026-01-30 15:00:00")


def test_a_second_roster_makes_nobody_two(roster, tito):
    """Another spelling of an id that is known changes nothing; two students whose ids sound alike both stand in it."""
    shown = tito("roster", "show")
    for text in ("id,first_name\nZOE,Zoë\nnew,New\n", "id\nJM\n"):
        (roster / "second.csv").write_text(text)
        code, out, err = tito("roster", "import", "second.csv")
        assert (code, out) == (2, "")
        assert "is this one student? Nothing was imported" in " ".join(err.split())
        assert tito("roster", "show") == shown
    (roster / "second.csv").write_text("id,first_name\nzoe,Zoe\nZOE,Another\n")
    code, out, _ = tito("roster", "import", "second.csv")
    assert (code, "2 students of second.csv are in the gradebook, which has 4" in " ".join(out.split())) == (0, True)


def test_who_lays_files_out_by_hand_hears_how(roster, tito, notebook, monkeypatch):
    (roster / "inbox" / "ada").mkdir(parents=True)
    (roster / "inbox" / "ada" / "mine.ipynb").write_text(notebook())
    code, out, _ = tito("collect", "setup", "inbox")
    assert (code, "What people lay out themselves lies in STUDENT/setup/" in " ".join(out.split())) == (1, True)
    (roster / "inbox" / "ada" / "setup").mkdir()
    (roster / "inbox" / "ada" / "mine.ipynb").rename(roster / "inbox" / "ada" / "setup" / "mine.ipynb")
    (roster / "inbox" / "other.ipynb").write_text(notebook())
    (roster / "inbox" / "decided.csv").write_text("given/other.ipynb,-,\n")
    monkeypatch.chdir(roster / "inbox")
    (roster / "inbox" / "given").mkdir()
    for name in ("ada", "other.ipynb"):
        (roster / "inbox" / name).rename(roster / "inbox" / "given" / name)
    assert tito("collect", "setup", "given", "--map", "decided.csv")[0] == 0, "a path means what it means to the shell"


def test_without_a_roster_the_systems_ids_are_taken(classroom, collect, notebook):
    assert collect({"lovelaceada_4711_900001_setup_dev.ipynb": notebook()})[0] == 0
    assert (classroom / "submitted/4711/setup/setup_dev.ipynb").is_file()


def test_a_broken_notebook_is_named_and_takes_nobodys_place(classroom, collect, notebook):
    name = "lovelaceada_4711_900001_setup_dev.ipynb"
    for _ in range(2):  # nothing was there; then a right one
        before = list((classroom / "submitted").glob("4711/setup/*.ipynb"))
        code, rows = collect({name: "{ cut off"})
        assert (code, "is not a readable notebook" in rows[name][1]) == (1, True)
        assert list((classroom / "submitted").glob("4711/setup/*.ipynb")) == before
        collect({name: notebook()})


def test_hostile_zips(classroom, collect, notebook):
    bomb = {"x.zip": {"x.zip": {"x.zip": {"x.zip": {"x.zip": {"a": "b"}}}}}}
    link = zipfile.ZipInfo("ada+setup+2026-11-25 10:00:00 UTC/l")
    link.external_attr = 0o120777 << 16
    path = classroom.parent / "given.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.ipynb", notebook())
        archive.writestr("/etc/cron.d/x", "x")
        archive.writestr(link, "/etc/passwd")
        archive.writestr("deep.zip", packed(bomb))
        archive.writestr("broken.zip", b"PK\x03\x04 not")
        archive.writestr("large.bin", bytes(50_000_001), zipfile.ZIP_DEFLATED)
        archive.writestr("..+setup+2026-11-25 10:00:00 UTC/setup_dev.ipynb", notebook())
    code, rows = collect(None)
    assert code == 1
    assert len(rows) == 7
    assert not any(text.startswith("taken") for _, text in rows.values())
    assert not list((classroom / "submitted").glob("[!.]*"))
    assert not (classroom.parent.parent / "escaped.ipynb").exists()


def test_a_notebook_of_another_module_and_one_of_nobody(classroom, collect, notebook):
    code, rows = collect({"anything.ipynb": notebook(), "ada+setup+2026-11-25 10:00:00 UTC/other.ipynb": "{}"})
    assert code == 1
    assert rows["anything.ipynb"] == ("", "its name does not say whose it is")
    assert rows["ada+setup+2026-11-25 10:00:00 UTC/other.ipynb"] == ("ada", "left out: no notebook of setup")


def test_a_zip_that_holds_only_a_zip(classroom, collect, notebook):
    code, rows = collect({"CS101-Setup.zip": {"ada/setup/setup_dev.ipynb": notebook()}})
    assert (code, list(rows)) == (1, ["CS101-Setup.zip"])
    assert rows["CS101-Setup.zip"][1].endswith("unpack given.zip, and give CS101-Setup.zip alone")


NAMES = st.text("abcXYZ äß019._-+/ ()", max_size=60)


@given(st.dictionaries(NAMES.filter(lambda name: name and not name.endswith("/")), st.binary(max_size=20), max_size=5))
def test_every_file_comes_out(tmp_path_factory, files):
    path = tmp_path_factory.mktemp("any") / "any.zip"
    path.write_bytes(packed(files))
    assert len(list(files_in(path))) == len(files)
    for file in files_in(path):
        owner(file.path)


def test_plugins_are_nbgraders(classroom):
    assert MoodleNames().collect("x/Ada Lovelace_1_assignsubmission_file_/a.ipynb")["student_id"] == "1"
    assert CanvasNames().collect("x/lovelaceada_LATE_4711_9_a b-3.ipynb") == {
        "full_name": "lovelaceada",
        "late": "LATE",
        "student_id": "4711",
        "order": "9",
        "file_id": "a b",
        "attempt": "3",
    }
    assert issubclass(MoodleNames, PathNames)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nada\n", "line 1: there is no column id"),
        ("id,email\nada,a\nada,b\n", "line 3: ada stands in line 2 already"),
        ("id\n../x\n", "line 2, column id: '../x' can't be a student's id"),
        ("id\nada\na?a\n", "line 3, column id: 'a?a' can't be a student's id"),
        ('id,email\nada,"x\n', "line"),
        ("id,last_name,email\nada,King, Countess,a@b.org\n", "line 2: there are more cells than columns"),
        ("id,email,E-Mail,email\nada,a,b,c\n", "line 1: the column email stands there twice"),
        ("id,lms_user_id\nada,4.711E+12\n", "line 2, column lms_user_id: 4.711E+12 is no whole number"),
        ("id\n4.711E+12\n", "line 2, column id: 4.711E+12 is a number that a program wrote its own way"),
        ("id;email\n4,711E+12;a\n", "line 2, column id: 4,711E+12 is a number"),
        ("id\n123.0\n", "line 2, column id: 123.0 is a number"),
        ("id\nada\u200b\n", "line 2, column id: 'ada\\u200b' can't be a student's id"),
        (
            "Student,ID,SIS User ID,SIS Login ID,Section,setup\nA,1,ada,ada,,\n",
            "in a table of Canvas, ID is Canvas's own",
        ),
        ("id,lms_user_id\nada,7\nbob,7\n", "ada and bob would have the same lms_user_id, 7: is this one student?"),
    ],
)
def test_a_roster_that_can_not_be_read(classroom, tito, text, said):
    (classroom / "roster.csv").write_text(text)
    code, _, err = tito("roster", "import", "roster.csv")
    assert code == 2
    assert said in err


def test_a_number_of_canvas_is_one_students(roster, tito):
    """A student whose id has changed is a second one, and both would have the scores of one row in Canvas."""
    Path("more.csv").write_text("id,lms_user_id\nzoe2,4712\n")
    code, _, err = tito("roster", "import", "more.csv")
    assert (code, "zoe and zoe2 would have the same lms_user_id, 4712" in err) == (2, True)
    Path("moved.csv").write_text("id,lms_user_id,,\nzoe2,4712,,\nzoe,,,\n")  # empty cells are no cells
    assert tito("roster", "import", "moved.csv")[0] == 0
    Path("back.csv").write_text("id,lms_user_id\nzoe2,\nzoe,4712\n")
    assert tito("roster", "import", "back.csv")[0] == 0


def test_a_student_whose_id_has_changed_is_not_made_two(roster, tito):
    shown = tito("roster", "show")
    Path("new.csv").write_text("id,first_name,last_name,email\nada2,Ada,Lovelace,Ada@example.com\n")
    code, _, err = tito("roster", "import", "new.csv")
    assert (code, "ada2 has the name and the address of ada: is this one student?" in err) == (2, True)
    assert tito("roster", "show") == shown
    Path("two.csv").write_text("id,first_name,last_name,email\nada2,Ada,Lovelace,ada2@example.com\nada3,,,\nada4,,,\n")
    assert tito("roster", "import", "two.csv")[0] == 0


def test_a_number_that_lost_its_zeros_makes_nobody_two(roster, tito):
    Path("zeros.csv").write_text("id\n00123\n")
    assert tito("roster", "import", "zeros.csv")[0] == 0
    Path("lost.csv").write_text("id\n123\n")
    code, _, err = tito("roster", "import", "lost.csv")
    assert (code, "123 is 00123 in the gradebook: is this one student?" in err) == (2, True)


def test_an_export_is_no_roster(roster, tito):
    shown = tito("roster", "show")
    for kind in ("canvas", "moodle", "plain"):
        assert tito("grades", "export", "--for", kind)[0] == 0
        code, _, err = tito("roster", "import", f"grades-{kind}.csv")
        assert (code, "line 1: " in err) == (2, True)
    assert tito("roster", "show") == shown


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_empty_lines_of_a_spreadsheet_say_nothing(classroom, tito, end):
    Path("roster.csv").write_bytes(end.join(["id;first_name", "007;Ada", ";", " ; ", "", "8;Bo", ";;;", ""]).encode())
    code, out, err = tito("roster", "import", "roster.csv")
    assert (code, "2 students of roster.csv" in out, err) == (0, True, "")


def test_ids_alone_are_no_roster_and_that_is_said(classroom, tito):
    Path("roster.csv").write_text("id,email\nada,\nbob,\n")
    code, _, err = tito("roster", "import", "roster.csv")
    assert (code, "no roster is known: `tito collect` takes every id as it stands" in err) == (0, True)


def test_a_roster_is_taken_as_it_is_and_shown(roster, tito):
    with Gradebook(f"sqlite:///{roster}/gradebook.db") as gradebook:
        zoe = gradebook.find_student("zoe")
        assert (zoe.first_name, zoe.last_name, zoe.lms_user_id) == ("Zoë", "O'Neil; Jr.", "4712")
    code, out, _ = tito("roster", "show")
    assert (code, "Müller" in out) == (0, True)
