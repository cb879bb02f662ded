"""Whatever the names and whatever students put into their files: nobody's work lands under another's name."""

import shutil
from collections import Counter
from contextlib import ExitStack
from datetime import datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.deadlines.deadlines import Deadlines
from autograder.intake.archives import listing
from autograder.intake.collect import Collection
from autograder.intake.owners import login_in, owner
from autograder.intake.roster import Roster
from autograder.intake.times import When, when_by
from autograder.judging.source import Source
from tests.autograder.conftest import make_course
from tests.autograder.intake.test_collect import packed
from tito.workspace import Workspace

DUE = "2026-11-25T12:00:00+00:00"
IN_TIME, LATE = "2026-11-25 11:00:00 UTC", "2026-11-25 13:00:00 UTC"


def student(id, first, last, number):
    return SimpleNamespace(id=id, first_name=first, last_name=last, email=None, lms_user_id=number)


# Logins that end like others, numbers that are others' ids, names that are alike. The last ones left the course.
CLASS = [
    student("ada", "Ada", "Lovelace", "4711"),
    student("4711", "Zoë", "O'Neil", "102"),
    student("102", "Jürgen", "Müller", "103"),
    student("l", "Bo", "Li", "104"),
    student("ada_l", "Ada", "Li", "105"),
    student("zo\u00eb", "Al", "Bolí", "106"),
]
GONE = [student("bo_l", "Ada", "O'Neil", "107"), student("x_ada", "Bo", "Müller", "108")]


def letters(one):
    return "".join(filter(str.isalnum, f"{one.last_name}{one.first_name}".lower()))


def outermost(system, one, time, late, file):
    """The path that a system gives to a file."""
    dashes = time.removesuffix(" UTC").replace(" ", "-").replace(":", "-")
    hour, minute = time[11:13], time[14:16]
    return {
        "moodle": f"{one.first_name} {one.last_name}_{one.lms_user_id}_assignsubmission_file_/{file}",
        "moodle flat": f"{one.first_name} {one.last_name}_{one.lms_user_id}_assignsubmission_file_{file}",
        "canvas": f"{letters(one)}_{'LATE_' * late}{one.lms_user_id}_{900000 + len(file)}_{file}",
        "exchange": f"{one.id}+setup+{time}+x9/{file}",
        "blackboard": f"Setup_{one.id}_attempt_{dashes}_{file}",
        "brightspace": f"{one.lms_user_id}-77 - {one.first_name} {one.last_name} - "
        f"Nov 25, 2026 {int(hour) - 12 * (int(hour) > 12)}{minute} {'PM' if int(hour) > 11 else 'AM'}/{file}",
        "by hand": f"{one.id}/setup/{file}",
    }[system]


SAY_WHEN = {"exchange", "blackboard", "brightspace"}
SYSTEMS = st.sampled_from(["moodle", "moodle flat", "canvas", "exchange", "blackboard", "brightspace", "by hand"])
OWNERS = st.sampled_from(CLASS + GONE)


@st.composite
def inside(draw):
    """What somebody hands in: the place of the notebook in it, and hostile names beside it."""
    claimed = draw(OWNERS)
    claim = outermost(draw(SYSTEMS), claimed, IN_TIME, False, "setup_dev.ipynb")
    return draw(
        st.sampled_from(
            [
                {"setup_dev.ipynb": "NOTEBOOK"},
                {"setup_dev.ipynb": "NOTEBOOK", "timestamp.txt": IN_TIME, "notes.txt": "mine"},
                {claim.rpartition("/")[2]: "NOTEBOOK"},
                {"work.zip": {claim: "NOTEBOOK", "timestamp.txt": IN_TIME}},
                {"work.zip": {f"{claimed.id}/setup/setup_dev.ipynb": "NOTEBOOK", "x": "y"}},
                {"setup-20261125T080000Z.zip": {"setup/setup_dev.ipynb": "NOTEBOOK", "setup/timestamp.txt": IN_TIME}},
                {"work.zip": {"setup_dev.ipynb": "NOTEBOOK", "more.zip": {claim: "x"}}, "data.zip": {"a": "b"}},
            ]
        )
    )


HAND_IN = st.tuples(OWNERS, SYSTEMS, st.booleans(), inside())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A course with a deadline, and a function that gives each example a copy of its own."""
    root = tmp_path_factory.mktemp("whose")
    (root / "0").mkdir()
    make_course(root / "0")
    manifest = root / "0" / "course.yml"
    text = manifest.read_text().replace("due: null", f"due: {DUE}", 1)
    manifest.write_text(text.replace("timezone: null", "timezone: UTC"))
    numbers = count(1)

    def fresh():
        target = root / str(next(numbers))
        shutil.copytree(root / "0", target)
        return target

    return fresh


@pytest.fixture(scope="module")
def texts(solved):
    """A function: id → the text of a notebook that says whose it is."""
    made = {one.id: nbformat.writes(solved(extra=[f"'work of {one.id}'"])) for one in CLASS + GONE}
    return lambda id: made[id]


def collected(root, tree, roster=CLASS, otherwise=None):
    """The rows, after a class's zip was collected."""
    (root / "class.zip").write_bytes(packed(tree))
    source = Source.of(Workspace.find(root), "setup")
    collection = Collection(source, Roster(roster), Deadlines.of(source.workspace), otherwise=otherwise or When())
    with ExitStack() as stack:
        for who, items in collection.sort(list(listing(root / "class.zip", stack))).items():
            collection.take(who, items)
    return collection.rows


def filled(tree, text):
    return {
        name: filled(content, text) if isinstance(content, dict) else content.replace("NOTEBOOK", text)
        for name, content in tree.items()
    }


def leaves(tree, before="class.zip"):
    for name, content in tree.items():
        path = f"{before}/{name}"
        yield from leaves(content, path) if isinstance(content, dict) else [path]


@given(hand_ins=st.lists(HAND_IN, min_size=1, max_size=5), known=st.booleans())
@settings(max_examples=120, deadline=None)
def test_nobodys_work_is_anothers_and_nobodys_time_is_earlier(place, texts, hand_ins, known):
    tree, times = {}, {}
    for one, system, late, content in hand_ins:
        time = LATE if late else IN_TIME
        for name, inner in filled(content, texts(one.id)).items():
            tree[outermost(system, one, time, late, name)] = inner
        if system in SAY_WHEN:
            times.setdefault(one.id, set()).add(when_by(time, None).moment)
    root = place()
    rows = collected(root, tree, otherwise=When(late=False) if known else When())
    for folder in (root / "submitted").glob("*/setup"):
        who = folder.parent.name
        assert f"'work of {who}'" in (folder / "setup_dev.ipynb").read_text().replace("\\u00eb", "ë")
        stamp = (folder / "timestamp.txt").read_text()
        systems = {system for one, system, _, _ in hand_ins if one.id == who}
        if stamp == "in time":  # a person said so, or Canvas
            assert known or any(system == "canvas" and not late for _, system, late, _ in hand_ins)
        elif "by hand" not in systems:
            assert datetime.fromisoformat(stamp.replace(" UTC", "+00:00")) in times[who]
    covered = Counter(
        row.path for row in rows for leaf in leaves(tree) if leaf == row.path or leaf.startswith(f"{row.path}/")
    )
    for leaf in leaves(tree):
        over = [row for row in rows if leaf == row.path or leaf.startswith(f"{row.path}/")]
        assert len(over) == 1, (leaf, over)
    assert set(covered) == {row.path for row in rows}


@pytest.mark.parametrize(
    ("path", "system", "rest"),
    [
        ("Ada Lovelace_101_assignsubmission_file_/a/b.ipynb", "MoodleNames", ("a", "b.ipynb")),
        ("Ada Lovelace_101_assignsubmission_file_Bo Li_104_assignsubmission_file_x.ipynb", "MoodleNames", None),
        ("Participant_101_assignsubmission_file_/x.ipynb", "MoodleNames", ("x.ipynb",)),
        ("lovelaceada_LATE_4711_9_x_104_8_y.ipynb", "CanvasNames", ("x_104_8_y.ipynb",)),
        ("lovelaceada_4711_text.html", "CanvasNames", ("text.html",)),
        ("anon_x1y2_900001_2026_setup_dev.ipynb", None, None),
        ("LATE_anon_x1y2_900001_2026_setup_dev.ipynb", None, None),
        ("ada+setup+2026-11-25 10:00:00 UTC+x/a/timestamp.txt", "ExchangeNames", ("a", "timestamp.txt")),
        ("Setup_ada_attempt_2026-11-25-10-00-00.txt", "AttemptNames", ()),
        ("Setup_ada_attempt_2026-11-25-10-00-00_x_attempt_2026-11-24-10-00-00_y.ipynb", "AttemptNames", None),
        ("12-34 - Ada Lovelace - Nov 25, 2026 1015 PM/x.ipynb", "BrightspaceNames", ("x.ipynb",)),
        ("12-34 - Ada Lovelace- Nov 5, 2026 905 AM - x - Nov 1, 2026 905 AM.ipynb", "BrightspaceNames", None),
        ("lovelaceada_4711_9_x_bo_attempt_2026-01-30-15-00-00_setup.ipynb", None, None),  # of two systems: of none
        ("somewhere/Ada Lovelace_101_assignsubmission_file_", None, None),
    ],
)
def test_the_outermost_name_alone(path, system, rest):
    said = owner(path)
    assert (said and said.system.__name__) == system
    if said and rest is not None:
        assert said.rest == rest
    if said and "full_name" in said.said:
        assert said.said["full_name"] in ("Ada Lovelace", "lovelaceada", "Participant")


@pytest.mark.parametrize(
    ("title", "last", "container", "titles", "due"),
    [
        ("Setup", "ada", "x.zip", set(), "ada"),
        ("Setup_ada", "l", "x.zip", set(), None),
        ("Setup_ada", "l", "x.zip", {"Setup"}, "ada_l"),
        ("HW_1_ada", "l", "gradebook_CS_HW_1_2026-11-25-10-00-00.zip", set(), "ada_l"),
        ("HW_1", "ada", "gradebook_CS_HW_1_2026-11-25-10-00-00.zip", set(), "ada"),
        ("HW_1", "ada", "gradebook_CS_HW_1_2026-11-25-10-00-00.zip", {"HW"}, None),
    ],
)
def test_where_a_title_ends_and_a_login_begins(title, last, container, titles, due):
    assert login_in(title, last, container, titles) == due


BY_HAND = {"ada/setup/setup_dev.ipynb": "NOTEBOOK", "ada/setup/timestamp.txt": IN_TIME}
NAMED = "{}_assignsubmission_file_/setup_dev.ipynb"


@pytest.mark.parametrize(
    ("names", "taken", "said"),
    [
        ([NAMED.format("Zoë O'Neil_102")], ["4711"], "taken"),  # 102 is another's id
        ([NAMED.format("Zoe\u0308 O'Neil_102")], ["4711"], "taken"),
        (
            [NAMED.format("Ada Lovelace_1"), NAMED.format("Ada Lovelace_2")],
            [],
            "several people have this name, 1 and 2",
        ),
        ([NAMED.format("Team 3_102")], [], "Team 3 102 is not in the roster"),
        (["mullerjurgen_4711_9_setup_dev.ipynb"], [], "the number is that of ada, and the name is not"),
        (["lovelaceada_9999_9_setup_dev.ipynb"], [], "the name is that of ada, and the number is not (4711)"),
        (["lovelaceadaking_4711_9_setup_dev.ipynb"], ["ada"], "taken"),
        (["Ada+setup+2026-11-25 10:00:00 UTC+x/setup_dev.ipynb"], [], "Ada is not in the roster (but ada is)"),
        (["zoe\u0308+setup+2026-11-25 10:00:00 UTC+x/setup_dev.ipynb"], ["zo\u00eb"], "taken"),
        (["ada+setpu+2026-11-25 10:00:00 UTC+x/setup_dev.ipynb"], [], "there is no module 'setpu'"),
        (["eve/ada+setup+2026-11-25 10:00:00 UTC+x/setup_dev.ipynb"], [], "its name does not say whose it is"),
        (["class/ada+setup+2026-11-25 10:00:00 UTC+x/setup_dev.ipynb"], ["ada"], "taken"),  # as macOS packs a folder
        (["mail/ada/setup/setup_dev.ipynb"], [], "its name does not say whose it is"),
        (["102-77 - Jürgen Müller - Nov 25, 2026 1015 AM/setup_dev.ipynb"], ["102"], "taken"),
        (["102-77 - Jürgen Müller - Nov 35, 2026 1015 AM/setup_dev.ipynb"], [], "not taken: '2026-11-35 10:15'"),
    ],
)
def test_names(place, texts, names, taken, said):
    root = place()
    rows = collected(root, dict.fromkeys(names, texts("ada")), otherwise=When(late=False))
    assert sorted(path.parent.name for path in (root / "submitted").glob("*/setup")) == taken
    assert all(row.text.startswith(said) or said in row.text for row in rows), rows
    assert all(row.trouble == (not taken) for row in rows)


@pytest.mark.parametrize("roster", [True, False])
def test_an_lms_that_gives_no_ids_needs_a_roster(place, texts, roster):
    root = place()
    name = "Ada Lovelace_4711_assignsubmission_file_/setup_dev.ipynb"
    rows = collected(root, {name: texts("ada")}, CLASS if roster else [], When(late=False))
    assert rows[0].trouble != roster
    assert Path(root / "submitted" / "4711").exists() is False


@pytest.mark.parametrize(
    ("name", "late", "text", "stamp"),
    [
        ("lovelaceada_LATE_4711_9_setup-20261125T080000Z.zip", True, "it was late, and nobody says when", None),
        ("lovelaceada_4711_9_setup.zip", False, "taken", "in time"),
        ("Ada Lovelace_1_assignsubmission_file_/setup.zip", None, "nobody says when it was handed in", None),
        ("ada+setup+2026-11-25 13:00:00 UTC+x/setup.zip", True, "taken, late", "2026-11-25 13:00:00.000000 UTC"),
        ("Setup_ada_attempt_2026-11-25-13-00-00_setup.zip", True, "taken, late", "2026-11-25 13:00:00.000000 UTC"),
        ("ada/setup/setup.zip", None, "nobody says when it was handed in", None),
    ],
)
def test_no_students_file_says_when(place, texts, name, late, text, stamp):
    root = place()
    inner = {
        "2026-11-20 10:00:00 UTC/timestamp.txt": IN_TIME,
        "timestamp.txt": IN_TIME,
        "setup_dev.ipynb": texts("ada"),
    }
    rows = {row.path.rpartition("/")[2]: row for row in collected(root, {name: inner})}
    assert text in rows["setup_dev.ipynb"].text
    assert rows["setup_dev.ipynb"].trouble == (stamp is None)
    path = root / "submitted/ada/setup/timestamp.txt"
    assert (path.read_text() if path.exists() else None) == stamp


def test_time_says_it_for_all_of_which_nothing_says_it(place, texts):
    root = place()
    tree = {
        "Ada Lovelace_1_assignsubmission_file_/setup_dev.ipynb": texts("ada"),
        "ada_l+setup+2026-11-25 13:00:00 UTC+x/setup_dev.ipynb": texts("ada_l"),
        "mullerjurgen_LATE_103_9_setup_dev.ipynb": texts("102"),
    }
    rows = collected(root, tree, otherwise=when_by("2026-11-25 14:30:00 +0100", None))
    assert sorted((row.student, row.text) for row in rows if not row.trouble) == [
        ("ada", "taken, late"),
        ("ada_l", "taken, late"),
    ]
    assert (root / "submitted/ada/setup/timestamp.txt").read_text() == "2026-11-25 13:30:00.000000 UTC"
    assert "it was late" in next(row.text for row in rows if row.trouble)
