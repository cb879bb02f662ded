"""Every student's files fail alone, within limits of their own; the notebook that was worked on counts."""

import copy
import json
import os
import shutil
import socket
import zipfile
from contextlib import ExitStack
from itertools import count

import nbformat
import pytest

from autograder.deadlines.deadlines import Deadlines
from autograder.intake import archives
from autograder.intake.archives import listing
from autograder.intake.collect import Collection
from autograder.intake.decisions import Decisions
from autograder.intake.roster import Roster
from autograder.intake.times import When
from autograder.judging.source import Source, released_text
from tests.autograder.conftest import make_course
from tests.autograder.intake.test_collect import packed
from tests.autograder.intake.test_whose import CLASS
from tito.workspace import UserError, Workspace

MOODLE = "{} {}_{}_assignsubmission_file_"
ADA, ZOE, BO = (MOODLE.format(one.first_name, one.last_name, one.lms_user_id) for one in (CLASS[0], CLASS[1], CLASS[3]))


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    root = tmp_path_factory.mktemp("hand_ins")
    (root / "0").mkdir()
    make_course(root / "0")
    return root, count(1)


@pytest.fixture
def root(courses):
    """A course of the test's own."""
    folder, numbers = courses
    target = folder / str(next(numbers))
    shutil.copytree(folder / "0", target)
    return target


@pytest.fixture
def take(root):
    """A function that collects a zip, or a folder: path → (student, what became of it, whether it is red)."""

    def run(given, decided=""):
        path = root / "given.zip"
        if isinstance(given, dict):
            path.write_bytes(packed(given))
        elif isinstance(given, bytes):
            path.write_bytes(given)
        else:
            path = given
        source, roster = Source.of(Workspace.find(root), "setup"), Roster(CLASS)
        (root / "map.csv").write_text(decided)
        decisions = Decisions.read(root / "map.csv", source.workspace, roster) if decided else Decisions()
        collection = Collection(source, roster, Deadlines.of(source.workspace), decisions, When(late=False))
        with ExitStack() as stack:
            for who, items in collection.sort(list(listing(path, stack))).items():
                collection.take(who, items)
        run.unused = [one.line for one in decisions.unused()]
        return {row.path.removeprefix("given.zip/"): (row.student, row.text, row.trouble) for row in collection.rows}

    return run


@pytest.fixture(scope="module")
def work(solved):
    """A function that makes a notebook's text: of a right solution, recognisable by a word."""
    return lambda word="1 + 1": nbformat.writes(solved(extra=[word]))


@pytest.fixture(scope="module")
def untouched(source):
    """The text of the notebook as it was released."""
    notebook = copy.deepcopy(source.notebook)
    for cell in notebook.cells:
        cell.source = released_text(cell)
    return nbformat.writes(notebook)


def submitted(root):
    return sorted(path.parent.name for path in (root / "submitted").glob("*/setup"))


# --- each student alone ---------------------------------------------------------------------------------


def damaged(work):
    """A zip whose compressed bytes were changed: zlib, not zipfile, complains."""
    content = bytearray(packed({"setup_dev.ipynb": work("'damaged'")}))
    content[200:260] = bytes(60)
    return bytes(content)


def lying(work):
    """A zip whose list says another size, so that its end comes too early."""
    made = packed({"setup_dev.ipynb": work()})
    at = made.rindex(b"PK\x01\x02")
    return made[: at + 24] + (10**6).to_bytes(4, "little") + made[at + 28 :]


def encrypted(work):
    made = bytearray(packed({"setup_dev.ipynb": work()}))
    made[made.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def unknown_method(work):
    made = bytearray(packed({"setup_dev.ipynb": work()}))
    for mark, offset in ((b"PK\x01\x02", 10), (b"PK\x03\x04", 8)):
        made[made.rindex(mark) + offset] = 97
    return bytes(made)


HOSTILE = {
    "damaged": damaged,
    "lying": lying,
    "encrypted": encrypted,
    "unknown method": unknown_method,
    "cut off": lambda work: packed({"setup_dev.ipynb": work()})[:-30],
    "no zip": lambda work: b"PK\x03\x04 not",
    "a long name": lambda work: {"setup_dev.ipynb": work(), "n" * 300: "x"},
    "a long name of two-byte letters": lambda work: {"setup_dev.ipynb": work(), "ä" * 200: "x"},
    "a file and a folder": lambda work: {"setup_dev.ipynb": work(), "a": "x", "a/b": "y"},
    "a control character": lambda work: {"setup_dev.ipynb": work(), "a\x07b": "x"},
    "two of a name": lambda work: {"setup_dev.ipynb": work(), "a//b": "x", "a/b": "y"},
    "a bomb": lambda work: {"setup_dev.ipynb": work(), **{f"{n}.bin": bytes(40_000_000) for n in range(6)}},
    "a large file": lambda work: {"setup_dev.ipynb": work(), "large.bin": bytes(50_000_001)},
    "many files": lambda work: {"setup_dev.ipynb": work(), **{f"{n}": "" for n in range(2001)}},
    "deep": lambda work: {"a.zip": {"a.zip": {"a.zip": {"a.zip": {"a.zip": {"setup_dev.ipynb": work()}}}}}},
    "a way out": lambda work: {"../../setup_dev.ipynb": work(), "setup_dev.ipynb": work()},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_each_student_fails_alone(take, root, work, kind):
    rows = take(
        {
            f"{ADA}/setup_dev.ipynb": work("'ada'"),
            f"{BO}/work.zip": HOSTILE[kind](work),
            f"{ZOE}/setup_dev.ipynb": work("'zoe'"),
        }
    )
    assert submitted(root) == ["4711", "ada"]
    assert any(red and student == "l" for student, _, red in rows.values())
    assert not any(red for student, _, red in rows.values() if student != "l")
    assert all(not text.startswith("taken") for student, text, _ in rows.values() if student == "l")


def test_limits_are_each_students_own(take, root, work, monkeypatch):
    monkeypatch.setattr(archives.Budget, "__init__", lambda self: self.__dict__.update(size=100_000, files=5))
    files = {f"{name}/{n}.bin": os.urandom(20_000) for name in (ADA, ZOE, BO) for n in range(4 + (name == BO))}
    rows = take(files | {f"{name}/setup_dev.ipynb": work() for name in (ADA, ZOE, BO)})
    assert submitted(root) == ["4711", "ada"]
    assert "more than the 200 MB" in rows[f"{BO}/4.bin"][1] + rows[f"{BO}/setup_dev.ipynb"][1]


def test_plain_files_of_a_folder_are_charged_too(take, root, work, monkeypatch):
    monkeypatch.setattr(archives.Budget, "__init__", lambda self: self.__dict__.update(size=100_000, files=5))
    for n in range(6):
        path = root / "given" / ADA / f"{n}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(1000))
    rows = take(root / "given")
    assert sum(text.startswith("not read: more than the 2000 files") for _, text, _ in rows.values()) == 1
    assert submitted(root) == []


def test_what_is_no_file_is_refused_before_it_is_read(take, root, work, monkeypatch):
    folder = root / "given"
    for name in (ADA, ZOE):
        (folder / name).mkdir(parents=True)
        (folder / name / "setup_dev.ipynb").write_text(work())
    os.mkfifo(folder / ADA / "pipe")
    (folder / ADA / "elsewhere").symlink_to("/etc")
    with socket.socket(socket.AF_UNIX) as one:
        monkeypatch.chdir(folder / ADA)  # a socket's path must be short
        one.bind("socket")
        monkeypatch.chdir(root)
        with open(folder / ADA / "sparse", "wb") as sparse:
            sparse.truncate(10**12)
        rows = take(folder)
    assert {rows[f"{ADA}/{name}"][1] for name in ("pipe", "elsewhere", "socket")} == {
        "not read: a pipe",
        "not read: a link",
        "not read: a socket",
    }
    assert rows[f"{ADA}/sparse"][1] == "not read: larger than 50 MB"
    assert submitted(root) == ["4711"]


@pytest.mark.parametrize("what", ["a folder that is none", "a link", "a file that can't be written"])
def test_what_lies_in_submitted_harms_its_student_alone(take, root, work, what):
    home = root / "submitted" / "ada"
    if what == "a folder that is none":
        home.parent.mkdir(exist_ok=True)
        home.write_text("")
    elif what == "a link":
        (root / "elsewhere").mkdir()
        home.parent.mkdir(exist_ok=True)
        home.symlink_to(root / "elsewhere")
    else:
        home.mkdir(parents=True)
        os.mkfifo(home / "setup")
    rows = take({f"{ADA}/setup_dev.ipynb": work(), f"{ZOE}/setup_dev.ipynb": work()})
    assert [student for student, _, red in rows.values() if red] == ["ada"]
    assert rows[f"{ZOE}/setup_dev.ipynb"][1] == "taken"
    assert not list((root / "elsewhere").glob("*"))


# --- which notebook -------------------------------------------------------------------------------------


@pytest.mark.parametrize("worked", ["setup_dev.ipynb", "setup_dev (1).ipynb", "old/x.ipynb"])
def test_one_that_is_as_released_is_passed_over(take, root, work, untouched, worked):
    names = {"setup_dev.ipynb", "setup_dev (1).ipynb", "old/x.ipynb"}
    rows = take({f"{ADA}/{name}": work("'mine'") if name == worked else untouched for name in names})
    assert {name: rows[f"{ADA}/{name}"][1] for name in names - {worked}} == dict.fromkeys(
        names - {worked}, "passed over: as it was released"
    )
    assert rows[f"{ADA}/{worked}"] == ("ada", "taken", False)
    assert "'mine'" in (root / "submitted/ada/setup/setup_dev.ipynb").read_text()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\\n", "\\r\\n"),
        lambda text: json.dumps({**json.loads(text), "metadata": {}, "nbformat_minor": 2}),
        lambda text: text.replace('"execution_count": null', '"execution_count": 3'),
    ],
)
def test_a_copy_of_the_same_work_is_no_doubt(take, root, work, change):
    rows = take({f"{ADA}/setup_dev.ipynb": work(), f"{ADA}/copy.ipynb": change(work())})
    assert sorted(row[1:] for row in rows.values()) == [
        ("passed over: a backup, or the same work", False),
        ("taken", False),
    ]


@pytest.mark.parametrize(
    "names", [("a.ipynb", "b.ipynb"), ("setup_dev.ipynb", "setup_dev (1).ipynb"), ("a.zip", "b/x.ipynb")]
)
def test_two_that_were_worked_on_are_a_persons_decision(take, root, work, names):
    one, two = names
    tree = {
        f"{ADA}/{two}": work("'two'"),
        f"{ADA}/{one}": {"x.ipynb": work("'one'")} if one.endswith("zip") else work(),
    }
    rows = take({**tree, f"{ZOE}/setup_dev.ipynb": work()})
    assert submitted(root) == ["4711"]
    said = [text for student, text, red in rows.values() if student == "ada" and red]
    assert len(said) == 2
    assert all("2 notebooks were worked on, and a person has to say which one counts" in text for text in said)
    rows = take(tree, f"{ADA}/{one},-\n")
    assert rows[f"{ADA}/{two}"] == ("ada", "taken", False)
    assert "'two'" in (root / "submitted/ada/setup/setup_dev.ipynb").read_text()


def test_a_later_hand_in_as_released_takes_nobodys_place(take, root, work, untouched):
    names = [f"ada+setup+2026-11-2{day} 10:00:00 UTC+x/setup_dev.ipynb" for day in (4, 5)]
    take(dict(zip(names, (work("'mine'"), untouched), strict=True)))
    assert "'mine'" in (root / "submitted/ada/setup/setup_dev.ipynb").read_text()
    rows = take({names[1]: untouched})
    assert rows[names[1]][1] == "left out: as it was released, and what is in submitted/ was worked on"


def test_a_zip_of_data_stays_a_zip(take, root, work):
    rows = take(
        {
            f"{ADA}/setup.zip": {"setup/setup_dev.ipynb": work(), "setup/data.zip": {"a.csv": "1"}},
            f"{ZOE}/x.zip": {"a": "b"},
        }
    )
    assert rows[f"{ADA}/setup.zip/setup/data.zip/a.csv"][1] == "taken along"
    assert rows[f"{ZOE}/x.zip"] == ("4711", "left out: no notebook of setup is in it", True)


def test_hand_ins_of_which_nobody_knows_the_newer(take, root, work):
    tree = {"ada/setup/setup_dev.ipynb": work("'one'"), f"{ADA}/setup_dev.ipynb": work("'two'")}
    rows = take(tree)
    assert all(red and "nobody can tell which one is newer" in text for _, text, red in rows.values())
    rows = take(tree, f"{ADA},,2026-11-25 10:00 UTC\nada/setup,,2026-11-24 10:00 UTC\n")
    assert rows[f"{ADA}/setup_dev.ipynb"][1] == "taken"
    assert (root / "submitted/ada/setup/timestamp.txt").read_text() == "2026-11-25 10:00:00.000000 UTC"


# --- what a person decided ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "decided",
    [
        f"{ADA},l",
        f"given.zip/{ADA};l",
        f"path,student,time\n{ADA}/setup_dev.ipynb,l,in time",
        "4711\tl\t2026-11-25 10:00 UTC",
        f"\ufeff\n{ADA}/,l\n",
    ],
)
def test_a_person_says_whose_it_is(take, root, work, decided):
    rows = take({f"{ADA}/setup_dev.ipynb": work("'mine'")}, decided)
    assert rows[f"{ADA}/setup_dev.ipynb"] == ("l", "taken", False)
    assert submitted(root) == ["l"]


def test_two_students_of_one_name(take, root, work):
    tree = {MOODLE.format("Ada", "Lovelace", n) + "/setup_dev.ipynb": work(f"'{n}'") for n in (1, 2)}
    assert all(red for _, _, red in take(tree).values())
    take(tree, "1,ada\n2,l\n")
    assert submitted(root) == ["ada", "l"]
    assert "'2'" in (root / "submitted/l/setup/setup_dev.ipynb").read_text()


def test_files_whose_names_say_nothing(take, root, work):
    rows = take(
        {"mail/eve.zip": {"x.ipynb": work(), "data.csv": "1"}, "mail/y": ""}, "mail/eve.zip,l\nmail/y,-\nmail/z,ada\n"
    )
    assert rows["mail/eve.zip/x.ipynb"] == ("l", "taken", False)
    assert rows["mail/eve.zip/data.csv"] == ("l", "taken along", False)
    assert rows["mail/y"] == ("", "passed over: a person says so", False)
    assert take.unused == [3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,bob", "line 1: bob is not in the roster"),
        ("a,ada\n\nx", "line 3: each line says what is meant"),
        ("x,ada,yesterday", "line 1: 'yesterday' is no time"),
        ("x,ada\nx,l", "line 2: x stands in line 1 already"),
        (",ada", "line 1: each line says what is meant"),
        ("4711,,2026-11-25 10:15:00,5 +0100", "line 1: there are more than three cells"),
    ],
)
def test_decisions_that_can_not_be_followed(root, text, said):
    (root / "map.csv").write_text(text)
    with pytest.raises(UserError, match=r"map\.csv, ") as error:
        Decisions.read(root / "map.csv", Workspace.find(root), Roster(CLASS))
    assert said in str(error.value)


def test_a_folder_that_macos_packed(take, root, work):
    """Its names are UTF-8, and nothing in the zip says so."""
    path = root / "given.zip"
    with zipfile.ZipFile(path, "w") as archive:
        name = f"{ZOE}/setup_dev.ipynb"
        info = zipfile.ZipInfo(name.encode().decode("cp437"))
        archive.writestr(info, work())
    made = path.read_bytes()
    for old in {name.encode().decode("cp437").encode()}:
        plain = name.encode().ljust(len(old), b"x")
        made = made.replace(old, plain)
    rows = take(made)
    assert any(student == "4711" for student, _, _ in rows.values()), rows
