"""What arrives, seen from outside: whose it is, when it came, which notebook counts, and whom a bad file stops.

Each case is a download, and who has whose work afterwards. No case depends on words: only on exit codes, on names, on
what stands in submitted/, and on scores.
"""

import codecs
import contextlib
import csv
import io
import json
import os
import shutil
import signal
import stat
import unicodedata
import zipfile
from dataclasses import dataclass, field

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tito.cli import main

NOTEBOOK = "setup_dev.ipynb"
NFC = "Zo\u00eb Fa\u00dfbender"
REMI = unicodedata.normalize("NFD", "r\u00e9mi")  # as the university wrote the id

ROSTER = f"""id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,101
grace,Grace,Hopper,grace@example.org,102
zoe,Zo\u00eb,Fa\u00dfbender,zoe@example.org,103
1001,Alan,Turing,alan@example.org,104
1002,Emmy,Noether,emmy@example.org,1001
jo1,Jo,Smith,jo1@example.org,105
jo2,Jo,Smith,jo2@example.org,106
{REMI},R\u00e9mi,Garnier,remi@example.org,107
"""

WORK = {
    "double": "#| export\ndef double(x):\n    return 2 * x  # by {author}",
    "normal": "#| export\ndef normal(n):\n    return [random.gauss(0, 1) for _ in range(n)]",
    "reflect_why": "Because two is positive, says {author}.",
}


# What students make


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def work_of(release, author, work=WORK):
    """The released notebook, solved by `author`."""
    notebook = nbformat.from_dict(json.loads(json.dumps(release)))
    for cell in notebook.cells:
        cell.source = work.get(grade_id(cell), cell.source).format(author=author)
    return notebook


def written(notebook):
    return nbformat.writes(notebook).encode()


def packed(files):
    """A zip of `files`: path to content, None for a folder."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path if content is not None else path + "/", content or b"")
    return target.getvalue()


def moodle(name, number=11):
    return f"{name}_{number}_assignsubmission_file"


# The course


class WaitedForEver(BaseException):
    """Not to be caught by what waits."""


def run(root, *arguments, seconds=300):
    """Run tito in `root`. Returns exit code and all that it printed; ends a command that waits for ever."""

    def too_long(*_):
        for path in root.rglob("*"):
            if path.is_fifo():
                os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))  # whoever waits for a writer waits no more
        raise WaitedForEver(f"tito {' '.join(arguments)}")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    out, err = io.StringIO(), io.StringIO()
    try:
        redirected = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
        with contextlib.chdir(root), redirected[0], redirected[1], pytest.raises(SystemExit) as ended:
            main(list(arguments))
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return ended.value.code or 0, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def enrolled(released, tmp_path_factory):
    """A released course with a roster, without a deadline. Not to be changed."""
    root = tmp_path_factory.mktemp("enrolled") / "course"
    shutil.copytree(released, root)
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    assert run(root, "roster", "import", "roster.csv")[0] == 0
    return root


@pytest.fixture(scope="module")
def release(enrolled):
    return nbformat.read(enrolled / "release" / "setup" / NOTEBOOK, as_version=4)


@pytest.fixture
def root(enrolled, tmp_path):
    return shutil.copytree(enrolled, tmp_path / "course")


@pytest.fixture
def strict(root):
    """The course with a deadline at 23:59 on 20 November, Berlin's clock, which costs ten percent a day."""
    manifest = (root / "course.yml").read_text().replace("timezone: null", "timezone: Europe/Berlin")
    manifest = manifest.replace("due: null", "due: 2026-11-20 23:59", 1)
    (root / "course.yml").write_text(manifest + "\nlate: {percent_per_day: 10}\n")
    return root


def collect(root, files, decisions=None):
    """Collect a download. `decisions`: the header of the column, and what a person says of whose something is."""
    (root / "download.zip").write_bytes(packed(files))
    options = []
    if decisions:
        column, said = decisions
        with (root / "decided.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([(column, "student"), *said.items()])
        options = ["--map", "decided.csv"]
    code, out, err = run(root, "collect", "setup", "download.zip", "--json", *options)
    return code, out + err


def authors(root):
    """Whose work stands in submitted/ under whose name."""
    found = {}
    for path in sorted((root / "submitted").glob("*/setup/" + NOTEBOOK)):
        source = path.read_text(encoding="utf-8", errors="replace")
        by = [name for name in ("ada", "grace", "zoe", "alan", "emmy", "jo", "remi") if f"# by {name}" in source]
        found[unicodedata.normalize("NFC", path.parts[-3])] = by[0] if by else "nobody"
    return found


@dataclass
class Arrives:
    """A download of notebooks by name of their authors, and what must have become of it."""

    files: dict  # path: the author of a notebook, bytes, or a dictionary, which is a zip
    taken: dict  # student: whose work they have afterwards
    red: tuple = ()  # who is named as in trouble; nobody: exit code 0
    either: dict = field(default_factory=dict)  # student: whose work they may have; named, with exit code 1, without it
    decisions: tuple | None = None

    def content(self, release, files=None):
        made = {}
        for path, what in (files or self.files).items():
            if isinstance(what, str):
                what = written(work_of(release, what)) if what != "untouched" else written(release)
            made[path] = packed(self.content(release, what)) if isinstance(what, dict) else what
        return made

    def check(self, root, release):
        code, said = collect(root, self.content(release), self.decisions)
        found = authors(root)
        missing = set(self.either) - set(found)
        assert found == self.taken | {who: by for who, by in self.either.items() if who not in missing}
        assert code == (1 if self.red or missing else 0) or (self.either and code == 1), said
        for name in (*self.red, *missing):
            assert name.lower() in said.lower(), f"{name} is not named"
        return code, said


def test_an_ordinary_download_is_everybodys_own(root, release):
    files = {
        moodle("Ada Lovelace", 11) + "/" + NOTEBOOK: "ada",
        f"hoppergrace_102_9_{NOTEBOOK}": "grace",
        "zoe+setup+2026-11-19 10:00:00 UTC+x1/" + NOTEBOOK: "zoe",
        "jo1/setup/" + NOTEBOOK: "jo",
    }
    Arrives(files, {"ada": "ada", "grace": "grace", "zoe": "zoe", "jo1": "jo"}).check(root, release)


# Whose it is

WHOSE = {
    "a folder made by hand is called by an id, which is another's number in Canvas": Arrives(
        {"1001/setup/" + NOTEBOOK: "alan"}, {"1001": "alan"}
    ),
    "Moodle's number is another student's id": Arrives(
        {moodle("Ada Lovelace", 1001) + "/" + NOTEBOOK: "ada"}, {"ada": "ada"}
    ),
    "Moodle's number is another student's number in Canvas": Arrives(
        {moodle("Ada Lovelace", 102) + "/" + NOTEBOOK: "ada"}, {"ada": "ada"}
    ),
    "Moodle's numbers are those of two others, crosswise": Arrives(
        {
            moodle("Ada Lovelace", 102) + "/" + NOTEBOOK: "ada",
            moodle("Grace Hopper", 101) + "/" + NOTEBOOK: "grace",
        },
        {"ada": "ada", "grace": "grace"},
    ),
    "Moodle without folders, the number is another's id": Arrives(
        {moodle("Ada Lovelace", 1002) + "_" + NOTEBOOK: "ada"}, {"ada": "ada"}
    ),
    "Moodle's number alone: marking is blind, and it is somebody's in Canvas": Arrives(
        {moodle("Participant", 104) + "/" + NOTEBOOK: "ada", moodle("Grace Hopper", 12) + "/" + NOTEBOOK: "grace"},
        {"grace": "grace"},
        red=("Participant",),
    ),
    "Canvas's number is one student's id and another's number": Arrives(
        {f"noetheremmy_1001_9_{NOTEBOOK}": "emmy"}, {"1002": "emmy"}
    ),
    "Canvas's number is nobody's there, but somebody's id": Arrives(
        {f"lovelaceada_1002_9_{NOTEBOOK}": "ada"}, {}, either={"ada": "ada"}
    ),
    "Canvas's number and name are of two students": Arrives(
        {f"lovelaceada_102_9_{NOTEBOOK}": "ada", f"turingalan_104_9_{NOTEBOOK}": "alan"},
        {"1001": "alan"},
        red=("lovelaceada", "102"),
    ),
    "Canvas's name and number are nobody's, a number in the student's own file name is somebody's": Arrives(
        {f"babbagecharles_999_9_hoppergrace_102_9_{NOTEBOOK}": "ada"}, {}, red=("babbagecharles",)
    ),
    "two students have one name in Moodle": Arrives(
        {moodle("Jo Smith", 11) + "/" + NOTEBOOK: "jo", moodle("Ada Lovelace", 12) + "/" + NOTEBOOK: "ada"},
        {"ada": "ada"},
        red=("Jo Smith",),
    ),
    "two students have one name, and Moodle's number is the one's in Canvas": Arrives(
        {moodle("Jo Smith", 105) + "/" + NOTEBOOK: "jo"}, {}, red=("Jo Smith",)
    ),
    "two students have one name, and Canvas's number tells them apart": Arrives(
        {f"smithjo_106_9_{NOTEBOOK}": "jo"}, {"jo2": "jo"}
    ),
    "a person says by Moodle's number which of two it is": Arrives(
        {moodle("Jo Smith", 77) + "/" + NOTEBOOK: "jo", moodle("Ada Lovelace", 12) + "/" + NOTEBOOK: "ada"},
        {"jo2": "jo", "ada": "ada"},
        decisions=("number", {"77": "jo2"}),
    ),
    "a person says by the path which of two it is": Arrives(
        {moodle("Jo Smith", 77) + "/" + NOTEBOOK: "jo"},
        {"jo1": "jo"},
        decisions=("path", {"download.zip/" + moodle("Jo Smith", 77) + "/" + NOTEBOOK: "jo1"}),
    ),
    "a person says whose the contradicting file is": Arrives(
        {f"lovelaceada_102_9_{NOTEBOOK}": "ada"},
        {"ada": "ada"},
        decisions=("path", {f"download.zip/lovelaceada_102_9_{NOTEBOOK}": "ada"}),
    ),
    "a person says who a blind participant is": Arrives(
        {moodle("Participant", 102) + "/" + NOTEBOOK: "ada"}, {"ada": "ada"}, decisions=("number", {"102": "ada"})
    ),
    "one name begins with another": Arrives({moodle("Ada Love", 13) + "/" + NOTEBOOK: "ada"}, {}, red=("Ada Love",)),
    "Moodle's group is called like another student": Arrives(
        {moodle("Grace Hopper-Ada Lovelace", 11) + "/" + NOTEBOOK: "ada"}, {}, either={"ada": "ada"}
    ),
    "Moodle writes the last name first": Arrives(
        {moodle("Lovelace Ada", 11) + "/" + NOTEBOOK: "ada"}, {}, either={"ada": "ada"}
    ),
    "Brightspace's number is another student's id": Arrives(
        {f"1001-555 - Ada Lovelace - Nov 19, 2026 1159 PM/{NOTEBOOK}": "ada"}, {}, either={"ada": "ada"}
    ),
    "Blackboard's assignment is called like another student": Arrives(
        {f"Letter to ada_grace_attempt_2026-11-19-10-00-00_{NOTEBOOK}": "grace"}, {}, either={"grace": "grace"}
    ),
    "the exchange's student is in no roster, Canvas's number of somebody is": Arrives(
        {"102+setup+2026-11-19 10:00:00 UTC+x1/" + NOTEBOOK: "ada"}, {}, red=("102",)
    ),
}


@pytest.mark.parametrize("case", WHOSE.values(), ids=WHOSE)
def test_nobody_has_anothers_work(root, release, case):
    case.check(root, release)


@pytest.mark.parametrize(
    "decisions",
    [
        ("path", {"download.zip/" + moodle("Jo Smith", 77) + "/" + NOTEBOOK: "nobody-at-all"}),
        ("path", {"a path that is in no download": "jo1"}),
        ("number", {"78": "jo1"}),
    ],
    ids=["of nobody", "of a path that is not there", "of another number"],
)
def test_a_decision_that_fits_nothing_is_named_and_decides_nothing(root, release, decisions):
    files = Arrives({moodle("Jo Smith", 77) + "/" + NOTEBOOK: "jo"}, {}).content(release)
    code, said = collect(root, files, decisions)
    assert code in (1, 2)
    assert authors(root) == {}
    assert any(text in said for pair in decisions[1].items() for text in pair)
    assert "No such option" not in said


# Names inside of a student's own files

GRACES_OWN = {moodle("Grace Hopper", 12) + "/" + NOTEBOOK: "grace"}
INSIDE = {
    "nbgrader's exchange": "grace+setup+2026-11-19 10:00:00 UTC+x1/" + NOTEBOOK,
    "Moodle": moodle("Grace Hopper", 12) + "/" + NOTEBOOK,
    "Moodle without folders": moodle("Grace Hopper", 12) + "_" + NOTEBOOK,
    "Canvas": f"hoppergrace_102_9_{NOTEBOOK}",
    "Blackboard": f"Setup_grace_attempt_2026-11-19-10-00-00_{NOTEBOOK}",
    "Brightspace": f"102-555 - Grace Hopper - Nov 19, 2026 1159 PM/{NOTEBOOK}",
    "a folder made by hand": "grace/setup/" + NOTEBOOK,
    "the course's own folder": "submitted/grace/setup/" + NOTEBOOK,
}
OUTSIDE = {
    "Moodle": moodle("Ada Lovelace", 11) + "/work.zip",
    "Canvas": "lovelaceada_101_9_work.zip",
    "the exchange": "ada+setup+2026-11-19 10:00:00 UTC+x1/work.zip",
    "by hand": "ada/setup/work.zip",
}


@pytest.mark.parametrize("inside", INSIDE.values(), ids=INSIDE)
@pytest.mark.parametrize("outside", OUTSIDE.values(), ids=OUTSIDE)
def test_a_name_inside_of_a_students_zip_says_nothing(root, release, outside, inside):
    files = {**GRACES_OWN, outside: {inside: "ada"}}
    Arrives(files, {"grace": "grace"}, either={"ada": "ada"}).check(root, release)


def test_a_name_in_a_zip_in_a_zip_says_nothing(root, release):
    files = {**GRACES_OWN, OUTSIDE["Canvas"]: {"deep/work.zip": {INSIDE["Moodle"]: "ada"}}}
    Arrives(files, {"grace": "grace"}, either={"ada": "ada"}).check(root, release)


def test_a_name_in_a_folder_of_a_students_says_nothing(root, release):
    files = {**GRACES_OWN, moodle("Ada Lovelace", 11) + "/" + INSIDE["nbgrader's exchange"]: "ada"}
    Arrives(files, {"grace": "grace"}, either={"ada": "ada"}).check(root, release)


def test_a_name_inside_displaces_nobodys_earlier_collected_work(root, release):
    Arrives(GRACES_OWN, {"grace": "grace"}).check(root, release)
    files = {OUTSIDE["Moodle"]: {"grace+setup+2026-12-24 10:00:00 UTC+x1/" + NOTEBOOK: "ada"}}
    Arrives(files, {"grace": "grace"}, either={"ada": "ada"}).check(root, release)


# When it came


def lateness(root, student):
    """How late the deadlines' table says a student is, in seconds; None without a time."""
    _, out, _ = run(root, "deadlines", "setup", "--student", student, "--json")
    row = json.loads(out)[0]
    return row["late_by"] if row["handed_in"] else None


CANVAS_LATE = "lovelaceada_LATE_101_9_"
EARLY = b"2026-11-01 10:00:00.000000 UTC"
FORGED = {
    "timestamp.txt in the zip": {CANVAS_LATE + "work.zip": {NOTEBOOK: "ada", "timestamp.txt": EARLY}},
    "timestamp.txt deeper in the zip": {CANVAS_LATE + "work.zip": {"a/" + NOTEBOOK: "ada", "a/timestamp.txt": EARLY}},
    "the exchange's folder in the zip": {
        CANVAS_LATE + "work.zip": {"ada+setup+2026-11-01 10:00:00 UTC+x1/" + NOTEBOOK: "ada"}
    },
    "Blackboard's name in the zip": {
        CANVAS_LATE + "work.zip": {f"Setup_ada_attempt_2026-11-01-10-00-00_{NOTEBOOK}": "ada"}
    },
    "Brightspace's name in the zip": {
        CANVAS_LATE + "work.zip": {f"101-5 - Ada Lovelace - Nov 1, 2026 1000 AM/{NOTEBOOK}": "ada"}
    },
    "timestamp.txt handed in beside the notebook": {
        CANVAS_LATE + NOTEBOOK: "ada",
        "lovelaceada_LATE_101_10_timestamp.txt": EARLY,
    },
    "no time at all": {CANVAS_LATE + NOTEBOOK: "ada"},
    "a second attempt of the same name": {CANVAS_LATE + "setup_dev-1.ipynb": "ada"},
}


@pytest.mark.parametrize("files", FORGED.values(), ids=FORGED)
def test_what_canvas_calls_late_is_never_in_time_by_the_students_own_words(strict, release, files):
    """How late is not known, so a person has to say; who hands in beside it is collected."""
    content = Arrives({**files, f"hoppergrace_102_9_{NOTEBOOK}": "grace"}, {}).content(release)
    code, said = collect(strict, content)
    assert code == 1
    assert "ada" in said
    assert lateness(strict, "ada") is None
    assert authors(strict)["grace"] == "grace"


AFTER = "2026-11-23 10:00:00 UTC"
NOT_EARLIER = {
    "timestamp.txt in the zip": {f"ada+setup+{AFTER}+x1/work.zip": {NOTEBOOK: "ada", "timestamp.txt": EARLY}},
    "an earlier exchange's folder in the zip": {
        f"ada+setup+{AFTER}+x1/work.zip": {"ada+setup+2026-11-01 10:00:00 UTC+x2/" + NOTEBOOK: "ada"}
    },
    "Blackboard's zip with a name of Blackboard's": {
        "Setup_ada_attempt_2026-11-23-10-00-00_work.zip": {f"Setup_ada_attempt_2026-11-01-10-00-00_{NOTEBOOK}": "ada"}
    },
    "Blackboard's zip with timestamp.txt": {
        "Setup_ada_attempt_2026-11-23-10-00-00_work.zip": {NOTEBOOK: "ada", "timestamp.txt": EARLY}
    },
    "the exchange's timestamp.txt contradicts the exchange's name": {
        f"ada+setup+{AFTER}+x1/" + NOTEBOOK: "ada",
        f"ada+setup+{AFTER}+x1/timestamp.txt": EARLY,
    },
}


@pytest.mark.parametrize("files", NOT_EARLIER.values(), ids=NOT_EARLIER)
def test_nothing_inside_makes_a_hand_in_earlier_than_the_outermost_name_says(strict, release, files):
    code, said = collect(strict, Arrives(files, {}).content(release))
    late = lateness(strict, "ada")
    assert late or (late is None and code == 1 and "ada" in said)


def test_an_early_time_inside_does_not_choose_the_attempt(strict, release):
    """The newest attempt in time counts: what calls itself early inside of a late zip is none."""
    files = {
        "ada+setup+2026-11-19 10:00:00 UTC+x1/" + NOTEBOOK: "ada",
        f"ada+setup+{AFTER}+x2/work.zip": {NOTEBOOK: "grace", "timestamp.txt": b"2026-11-20 10:00:00 UTC"},
    }
    code, _ = collect(strict, Arrives(files, {}).content(release))
    assert authors(strict) == {"ada": "ada"}
    assert lateness(strict, "ada") == 0
    assert code == 0


@pytest.mark.parametrize(
    ("name", "student"),
    [
        (f"latekate_108_9_{NOTEBOOK}", "kate"),
        (f"lovelaceada_101_9_LATE_{NOTEBOOK}", "ada"),
        (f"lovelaceada_101_9_setup_dev_LATE_101_9_{NOTEBOOK}", "ada"),
    ],
)
def test_only_canvas_own_mark_is_one(strict, release, name, student):
    """A student who is called Late, and LATE in a file's own name, are no marks."""
    (strict / "more.csv").write_text("id,first_name,last_name,email,lms_user_id\nkate,Kate,Late,k@example.org,108\n")
    assert run(strict, "roster", "import", "more.csv")[0] == 0
    Arrives({name: "ada"}, {student: "ada"}).check(strict, release)


@pytest.mark.parametrize(
    "time", ["2026-10-25-02-30-00", "2026-03-29-02-30-00", "2026-13-01-10-00-00"], ids=["twice", "never", "no month"]
)
def test_a_time_that_no_clock_shows_once_is_asked_about(strict, release, time):
    files = {
        f"Setup_ada_attempt_{time}_{NOTEBOOK}": "ada",
        f"Setup_grace_attempt_2026-11-20-23-30-00_{NOTEBOOK}": "grace",
    }
    code, said = collect(strict, Arrives(files, {}).content(release))
    assert code == 1
    assert "ada" in said
    assert lateness(strict, "ada") is None
    assert lateness(strict, "grace") == 0, "the course's clock holds for a time without a zone"


# Every student's files fail alone


def zipped_with(change):
    """A zip of a right notebook with one thing wrong."""

    def made(release):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(NOTEBOOK, written(work_of(release, "ada")))
            change(archive)
        return target.getvalue()

    return made


def link(archive):
    entry = zipfile.ZipInfo("notes.txt")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, "/etc/passwd")


def pipe(archive):
    entry = zipfile.ZipInfo("pipe")
    entry.create_system, entry.external_attr = 3, (stat.S_IFIFO | 0o666) << 16
    archive.writestr(entry, "")


def nested_bomb(archive):
    level = packed({"zeros": bytes(16 << 20)})
    archive.writestr("bomb.zip", packed({f"{n}.zip": level for n in range(128)}))


def plain_bomb(archive):
    for n in range(6):
        archive.writestr(f"zeros{n}", bytes(40 << 20))


def spoilt(release, where):
    """A right zip in which bytes of the notebook's compressed data are wrong: zlib's error, or the checksum's."""
    content = bytearray(zipped_with(lambda archive: None)(release))
    start = 30 + len(NOTEBOOK)
    at = start if where == "begin" else start + 400
    content[at : at + 8] = b"\xff" * 8
    return bytes(content)


def encrypted(release):
    content = bytearray(zipped_with(lambda archive: None)(release))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def unknown_method(release):
    content = bytearray(zipped_with(lambda archive: None)(release))
    content[8] = content[content.index(b"PK\x01\x02") + 10] = 97
    return bytes(content)


BROKEN = {
    "zlib's error": lambda release: spoilt(release, "begin"),
    "a wrong byte in the middle": lambda release: spoilt(release, "middle"),
    "cut off": lambda release: zipped_with(lambda archive: None)(release)[:-300],
    "with a password": encrypted,
    "packed by an unknown method": unknown_method,
    "no zip at all": lambda release: b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "empty": lambda release: b"",
    "a name of 300 letters": zipped_with(lambda archive: archive.writestr("x" * 300 + ".txt", b"x")),
    "a path of 300 folders": zipped_with(lambda archive: archive.writestr("d/" * 300 + "x.txt", b"x" * 10)),
    "a file and a folder of one name": zipped_with(
        lambda archive: (archive.writestr("a", b"1"), archive.writestr("a/b", b"2"))
    ),
    "a folder and then a file of one name": zipped_with(
        lambda archive: (archive.writestr("a/b", b"2"), archive.writestr("a", b"1"))
    ),
    "a file in the place of the notebook's folder": zipped_with(
        lambda archive: archive.writestr(NOTEBOOK + "/inner.txt", b"1")
    ),
    "out of its folder": zipped_with(lambda archive: archive.writestr("../../grace/setup/" + NOTEBOOK, b"1")),
    "an absolute path": zipped_with(lambda archive: archive.writestr("/tmp/x.txt", b"1")),
    "a link": zipped_with(link),
    "a pipe": zipped_with(pipe),
    "a zip bomb": zipped_with(plain_bomb),
    "a bomb in a zip in a zip": zipped_with(nested_bomb),
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_students_broken_zip_is_theirs_alone(root, release, name):
    """Who comes before and after is collected; the student of the zip has the right notebook, or is named in red."""
    case = Arrives(
        {
            moodle("Emmy Noether", 10) + "/" + NOTEBOOK: "emmy",
            moodle("Ada Lovelace", 11) + "/work.zip": BROKEN[name](release),
            moodle("Grace Hopper", 12) + "/work.zip": {NOTEBOOK: "grace"},
            moodle(NFC, 13) + "/" + NOTEBOOK: "zoe",
        },
        {"1002": "emmy", "grace": "grace", "zoe": "zoe"},
        either={"ada": "ada"},
        red=("Ada Lovelace",) if "bomb" in name else (),
    )
    case.check(root, release)


def test_many_bombs_use_up_nobodys_room_but_their_own(root, release):
    bomb = BROKEN["a zip bomb"](release)
    files = {moodle("Jo Smith", n) + f"/{n}.zip": bomb for n in range(3)}
    files |= {moodle("Ada Lovelace", 11) + "/work.zip": bomb, moodle(NFC, 13) + "/work.zip": {NOTEBOOK: "zoe"}}
    Arrives(files, {"zoe": "zoe"}, either={"ada": "ada"}, red=("Ada Lovelace",)).check(root, release)


def test_one_students_broken_notebook_is_theirs_alone(root, release):
    deep = b"[" * 100_000
    files = {
        moodle("Ada Lovelace", 11) + "/" + NOTEBOOK: deep,
        moodle("Alan Turing", 14) + "/" + NOTEBOOK: b'{"cells": 7, "nbformat": 4}',
        moodle("Emmy Noether", 15) + "/" + NOTEBOOK: b'{"cells": [{"cell_type": 5}], "nbformat": "four"}',
        moodle("Grace Hopper", 12) + "/" + NOTEBOOK: "grace",
    }
    red = ("Ada Lovelace", "Alan Turing", "Emmy Noether")
    Arrives(files, {"grace": "grace"}, red=red).check(root, release)


def test_a_broken_second_hand_in_changes_nothing(root, release):
    """What was collected before stays until the student in doubt has handed in something that can be read."""
    Arrives({moodle("Ada Lovelace", 11) + "/" + NOTEBOOK: "ada"}, {"ada": "ada"}).check(root, release)
    files = {moodle("Ada Lovelace", 11) + "/work.zip": BROKEN["cut off"](release)}
    Arrives(files, {"ada": "ada"}, red=("Ada Lovelace",)).check(root, release)
    files = {moodle("Ada Lovelace", 11) + "/" + NOTEBOOK: b'{"cells": [], "nbformat": 4'}
    Arrives(files, {"ada": "ada"}, red=("Ada Lovelace",)).check(root, release)


# Which notebook

COPIES = {
    "a browser's": (NOTEBOOK, "setup_dev (1).ipynb"),
    "Jupyter's": (NOTEBOOK, "setup_dev-Copy1.ipynb"),
    "Windows's": (NOTEBOOK, "setup_dev - Copy.ipynb"),
    "macOS's, in a folder": ("TinyTorch/" + NOTEBOOK, "TinyTorch/setup_dev copy 2.ipynb"),
    "in another folder": ("modules/setup/" + NOTEBOOK, "mine/final.ipynb"),
    "in the folder of backups": ("old/" + NOTEBOOK, NOTEBOOK),
}


@pytest.mark.parametrize("worked", [0, 1], ids=["the first is worked", "the second is worked"])
@pytest.mark.parametrize("names", COPIES.values(), ids=COPIES)
def test_an_untouched_copy_is_passed_over(root, release, names, worked):
    inside = {names[worked]: "ada", names[1 - worked]: "untouched"}
    Arrives({moodle("Ada Lovelace", 11) + "/work.zip": inside}, {"ada": "ada"}).check(root, release)


def test_an_untouched_copy_that_was_only_run_is_passed_over(root, release):
    ran = work_of(release, "nobody", {})
    for number, cell in enumerate(ran.cells):
        cell.metadata["collapsed"] = False
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = number, [nbformat.v4.new_output("stream", text="hello\n")]
    inside = {NOTEBOOK: written(ran), "setup_dev (1).ipynb": "ada", "setup_dev (2).ipynb": "untouched"}
    Arrives({moodle("Ada Lovelace", 11) + "/work.zip": inside}, {"ada": "ada"}).check(root, release)


def test_an_untouched_copy_in_canvas_is_passed_over(root, release):
    files = {f"lovelaceada_101_8_{NOTEBOOK}": "untouched", "lovelaceada_101_9_setup_dev-1.ipynb": "ada"}
    Arrives(files, {"ada": "ada"}).check(root, release)


def test_a_checkpoint_is_no_copy(root, release):
    inside = {NOTEBOOK: "ada", ".ipynb_checkpoints/setup_dev-checkpoint.ipynb": "grace"}
    Arrives({moodle("Ada Lovelace", 11) + "/work.zip": inside}, {"ada": "ada"}).check(root, release)


def test_two_copies_of_one_text_are_no_question(root, release):
    inside = {NOTEBOOK: "ada", "setup_dev (1).ipynb": "ada", "setup_dev (2).ipynb": "untouched"}
    Arrives({moodle("Ada Lovelace", 11) + "/work.zip": inside}, {"ada": "ada"}).check(root, release)


@pytest.mark.parametrize("names", COPIES.values(), ids=COPIES)
def test_two_worked_copies_are_a_persons_decision(root, release, names):
    files = {moodle("Ada Lovelace", 11) + "/work.zip": dict(zip(names, ("ada", "zoe"), strict=True)), **GRACES_OWN}
    Arrives(files, {"grace": "grace"}, red=("Ada Lovelace",)).check(root, release)


def test_two_worked_copies_leave_what_was_collected_before(root, release):
    Arrives({moodle("Ada Lovelace", 11) + "/" + NOTEBOOK: "ada"}, {"ada": "ada"}).check(root, release)
    inside = {NOTEBOOK: "zoe", "setup_dev (1).ipynb": "grace"}
    files = {moodle("Ada Lovelace", 11) + "/work.zip": inside}
    Arrives(files, {"ada": "ada"}, red=("Ada Lovelace",)).check(root, release)


# A name in two forms


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("number", [11, 103], ids=["Moodle", "Canvas"])
def test_a_name_in_either_form_is_one_student(root, release, form, number):
    name = unicodedata.normalize(form, NFC)
    canvas = "".join(reversed(name.split(" "))).lower()
    path = moodle(name, number) + "/" + NOTEBOOK if number == 11 else f"{canvas}_{number}_9_{NOTEBOOK}"
    Arrives({path: "zoe"}, {"zoe": "zoe"}).check(root, release)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_id_in_either_form_is_one_student(root, release, form):
    remi = unicodedata.normalize(form, "r\u00e9mi")
    for path in (f"{remi}/setup/{NOTEBOOK}", f"{remi}+setup+2026-11-19 10:00:00 UTC+x1/{NOTEBOOK}"):
        Arrives({path: "remi"}, {"r\u00e9mi": "remi"}).check(root, release)
    assert len(list((root / "submitted").glob("*/setup"))) == 1


# What lies in submitted/ already


def stripped(notebook):
    """As an editor leaves a notebook that knows nothing of ids and metadata."""
    for cell in notebook.cells:
        cell.metadata = {}
        cell.pop("id", None)
    notebook.nbformat_minor = 0
    return notebook


def retyped(notebook):
    """The cells' texts, copied one by one into a new notebook."""
    cells = [
        new_code_cell(cell.source) if cell.cell_type == "code" else nbformat.v4.new_markdown_cell(cell.source)
        for cell in notebook.cells
    ]
    return new_notebook(cells=[new_code_cell(""), *cells, new_code_cell("double(21)")])


def metadata_lost(notebook):
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def ids_lost(notebook):
    for number, cell in enumerate(notebook.cells):
        cell.id = f"fresh{number}"
    return notebook


def position(notebook, name):
    return next(index for index, cell in enumerate(notebook.cells) if grade_id(cell) == name)


def half_stripped(notebook):
    for cell in notebook.cells[::2]:
        cell.metadata = {}
    return notebook


def split(notebook):
    """The editor's "split cell" inside of a solution, with the metadata left at the first half."""
    at = position(notebook, "double")
    head, tail = notebook.cells[at].source.split("\n", 1)
    notebook.cells[at].source = head
    notebook.cells.insert(at + 1, new_code_cell(tail))
    return notebook


def moved(notebook):
    """A check that was dragged to the end, where it still holds."""
    notebook.cells.append(notebook.cells.pop(position(notebook, "check_double")))
    return notebook


def solution_moved(notebook):
    """Both solutions dragged to the top, below the imports."""
    for name in ("normal", "double"):
        notebook.cells.insert(position(notebook, "tools") + 1, notebook.cells.pop(position(notebook, name)))
    return notebook


def merged(notebook):
    """Both solutions in one cell, the other cell gone."""
    at, other = position(notebook, "double"), position(notebook, "normal")
    notebook.cells[at].source += "\n\n" + notebook.cells[other].source.replace("#| export\n", "")
    del notebook.cells[other]
    return notebook


def helper_between(notebook):
    notebook.cells.insert(position(notebook, "double"), new_code_cell("two = 2"))
    notebook.cells[position(notebook, "double")].source = "#| export\ndef double(x):\n    return two * x  # by ada"
    return notebook


def without_checks(notebook):
    notebook.cells = [cell for cell in notebook.cells if not (grade_id(cell) or "").startswith("check")]
    return notebook


def same_ids(notebook):
    for cell in notebook.cells:
        cell.id = "cell"
    return notebook


def with_line_ends(end):
    def changed(notebook):
        for cell in notebook.cells:
            cell.source = cell.source.replace("\n", end)
        return notebook

    return changed


def text(notebook):
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT)


def as_version(minor):
    def made(notebook):
        content = json.loads(text(notebook))
        content["nbformat_minor"] = minor
        if minor < 5:
            for cell in content["cells"]:
                cell.pop("id", None)
        return json.dumps(content).encode()

    return made


def as_version_3(notebook):
    return nbformat.writes(nbformat.convert(notebook, 3), version=3).encode()


def nfd(notebook):
    """A name with an accent of the student's own, as one editor and then another wrote it."""
    helper = "\u00e9t\u00e9 = 2\n"
    notebook.cells.insert(position(notebook, "double"), new_code_cell(helper))
    decomposed = unicodedata.normalize("NFD", "#| export\ndef double(x):\n    return \u00e9t\u00e9 * x  # by ada")
    notebook.cells[position(notebook, "double")].source = decomposed
    return notebook


def encoded(notebook):
    return text(notebook).encode()


def crlf_file(notebook):
    return json.dumps(json.loads(text(notebook)), indent=1).replace("\n", "\r\n").encode()


# How a right notebook may lie in submitted/: what an editor changed, how the file is written, must it be graded.
RIGHT = {
    "as_released": (lambda notebook: notebook, encoded, True),
    "bom": (lambda notebook: notebook, lambda notebook: codecs.BOM_UTF8 + encoded(notebook), True),
    "bom_crlf": (lambda notebook: notebook, lambda notebook: codecs.BOM_UTF8 + crlf_file(notebook), True),
    "utf16": (lambda notebook: notebook, lambda notebook: text(notebook).encode("utf-16"), False),
    "ascii_only": (lambda notebook: notebook, lambda notebook: json.dumps(json.loads(text(notebook))).encode(), True),
    "crlf_file": (lambda notebook: notebook, crlf_file, True),
    "crlf_cells": (with_line_ends("\r\n"), encoded, True),
    "cr_cells": (with_line_ends("\r"), encoded, False),
    "crlf_stripped": (lambda notebook: stripped(with_line_ends("\r\n")(notebook)), encoded, True),
    "format_4_0": (lambda notebook: notebook, as_version(0), True),
    "format_4_4": (lambda notebook: notebook, as_version(4), True),
    "format_3": (lambda notebook: notebook, as_version_3, False),
    "format_4_9": (lambda notebook: notebook, as_version(9), False),
    "stripped": (stripped, encoded, True),
    "retyped": (retyped, encoded, True),
    "metadata_lost": (metadata_lost, encoded, True),
    "ids_lost": (ids_lost, encoded, True),
    "half_stripped": (half_stripped, encoded, True),
    "same_ids": (same_ids, encoded, True),
    "split": (split, encoded, False),
    "split_stripped": (lambda notebook: stripped(split(notebook)), encoded, False),
    "moved_check": (moved, encoded, True),
    "moved_check_stripped": (lambda notebook: stripped(moved(notebook)), encoded, False),
    "moved_solutions": (solution_moved, encoded, True),
    "moved_solutions_stripped": (lambda notebook: stripped(solution_moved(notebook)), encoded, False),
    "merged": (merged, encoded, False),
    "merged_stripped": (lambda notebook: stripped(merged(notebook)), encoded, False),
    "helper_between": (helper_between, encoded, True),
    "helper_between_stripped": (lambda notebook: stripped(helper_between(notebook)), encoded, False),
    "without_checks": (without_checks, encoded, False),
    "without_checks_stripped": (lambda notebook: stripped(without_checks(notebook)), encoded, False),
    "nfd": (nfd, encoded, True),
    "nfd_stripped": (lambda notebook: stripped(nfd(notebook)), encoded, False),
}
HALF = WORK | {"normal": "#| export\ndef normal(n):\n    return [0] * n"}
HALF_RIGHT = {"half": encoded, "half_stripped_wrong": lambda notebook: encoded(stripped(notebook))}
LYING = {
    "copies_first": {NOTEBOOK: "untouched", "setup_dev (1).ipynb": "ada"},
    "copies_renamed": {"final.ipynb": "ada", NOTEBOOK: "untouched"},
    "copies_jupyter": {NOTEBOOK: "untouched", "setup_dev-Copy1.ipynb": "ada"},
    "copy_alone": {"setup_dev (1).ipynb": "ada"},
}
TWO_WORKED = {NOTEBOOK: "zoe", "setup_dev (1).ipynb": "ada"}


@pytest.fixture(scope="module")
def graded(shut_in, released, release, tmp_path_factory):
    """A class of right notebooks in many forms, graded once: exit code and rows."""
    root = shutil.copytree(released, tmp_path_factory.mktemp("graded") / "course")
    files = {name: {NOTEBOOK: write(change(work_of(release, "ada")))} for name, (change, write, _) in RIGHT.items()}
    files |= {name: {NOTEBOOK: write(work_of(release, "ada", HALF))} for name, write in HALF_RIGHT.items()}
    for name, lying in {**LYING, "two_worked": TWO_WORKED}.items():
        files[name] = Arrives(lying, {}).content(release)
    for student, contents in files.items():
        folder = root / "submitted" / student / "setup"
        folder.mkdir(parents=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    code, out, err = run(root, "grade", "setup", "--json")
    assert code in (0, 1), err
    return code, {row["student"]: row for row in json.loads(out)}


def full(row):
    """All that a machine gives, and the reflection waits for a person."""
    return row["score"] == 9 and row["by_hand"] > 0 and not row["trouble"]


@pytest.mark.needs("files")
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_loses_nothing_by_an_editor(graded, name):
    """Where a form can be read without doubt it must be; elsewhere the row is in trouble, and no score is recorded."""
    code, rows = graded
    row = rows[name]
    if RIGHT[name][2] or not row["trouble"]:
        assert full(row), row
    else:
        assert code == 1


@pytest.mark.needs("files")
@pytest.mark.parametrize("name", ["crlf_cells", "bom", "bom_crlf", "format_4_0"])
def test_nobody_is_said_to_have_changed_what_an_editor_wrote_differently(graded, name):
    assert graded[1][name]["notes"] == graded[1]["as_released"]["notes"]


@pytest.mark.needs("files")
@pytest.mark.parametrize("name", HALF_RIGHT)
def test_half_of_an_answer_gets_half_by_whatever_editor(graded, name):
    row = graded[1][name]
    assert row["trouble"] or row["score"] == 6


@pytest.mark.needs("files")
@pytest.mark.parametrize("name", LYING)
def test_the_worked_copy_in_submitted_is_graded(graded, name):
    assert full(graded[1][name]), graded[1][name]


@pytest.mark.needs("files")
def test_two_worked_copies_in_submitted_are_a_persons_decision(graded):
    assert graded[1]["two_worked"]["trouble"]
    assert graded[1]["two_worked"]["score"] is None
    assert graded[0] == 1


def lay_pipe(folder):
    os.mkfifo(folder / "pipe")


def lay_pipe_as_notebook(folder):
    (folder / NOTEBOOK).unlink()
    os.mkfifo(folder / NOTEBOOK)


def lay_pipe_as_time(folder):
    os.mkfifo(folder / "timestamp.txt")


def lay_link(folder):
    (folder / "data.txt").symlink_to("/dev/zero")


def lay_link_as_notebook(folder):
    (folder / NOTEBOOK).rename(folder.parent / "elsewhere.ipynb")
    (folder / NOTEBOOK).symlink_to(folder.parent / "elsewhere.ipynb")


def lay_folder_as_notebook(folder):
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).mkdir()
    (folder / NOTEBOOK / "notes.txt").write_text("lost")


def lay_large(folder):
    with (folder / "data.bin").open("wb") as file:
        file.truncate(1 << 30)


def lay_large_notebook(folder):
    with (folder / NOTEBOOK).open("ab") as file:
        file.truncate(256 << 20)


STRANGE = [
    lay_pipe,
    lay_pipe_as_notebook,
    lay_pipe_as_time,
    lay_link,
    lay_link_as_notebook,
    lay_folder_as_notebook,
    lay_large,
    lay_large_notebook,
]


@pytest.mark.needs("files")
@pytest.mark.parametrize("lay", STRANGE)
def test_what_is_no_ordinary_file_is_refused_before_it_is_read(shut_in, strict, release, lay):
    for student in ("ada", "grace"):
        folder = strict / "submitted" / student / "setup"
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).write_bytes(written(work_of(release, student)))
        (folder / "timestamp.txt").write_text("2026-11-19 10:00:00 UTC")
    folder = strict / "submitted" / "ada" / "setup"
    if lay is lay_pipe_as_time:
        (folder / "timestamp.txt").unlink()
    lay(folder)
    code, out, err = run(strict, "grade", "setup", "--json")
    rows = {row["student"]: row for row in json.loads(out)}
    assert code == 1, err
    assert rows["ada"]["trouble"]
    assert rows["ada"]["score"] is None
    assert full(rows["grace"])


@pytest.mark.parametrize(
    "lay", [lay_pipe_as_notebook, lay_link_as_notebook, lay_large_notebook, lay_folder_as_notebook]
)
def test_what_is_no_ordinary_file_is_not_collected(root, release, lay):
    for student in ("ada", "grace"):
        folder = root / "inbound" / student / "setup"
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).write_bytes(written(work_of(release, student)))
    lay(root / "inbound" / "ada" / "setup")
    code, out, _ = run(root, "collect", "setup", "inbound", "--json")
    assert code == 1
    assert "ada" in out
    assert authors(root) == {"grace": "grace"}
