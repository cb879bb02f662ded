"""Half an answer earns half: the gaps of a stub share the points of its check."""

import itertools

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_notebook

from autograder.engine.pool import Options
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Selection, grade_module
from autograder.handing_out.release import release_one
from autograder.judging.cells import mend
from autograder.judging.expected import PUBLIC, expected
from autograder.judging.gaps import counts
from autograder.judging.judge import GAPS, SECRET, Line, gaps_held
from autograder.judging.source import Source, released_text
from autograder.judging.step import run_and_judge
from autograder.otter import gradescope, parity
from autograder.otter.build import autograder_zip
from tests.autograder.conftest import code, make_course, nbgrader
from tito.notebooks import grade_id
from tito.workspace import Workspace

SEED = 7
BLANK = "raise NotImplementedError()"
RIGHT = {"twice": "return 2 * self.x", "square": "return self.x**2", "both": "return self.twice() + self.square()"}
NUMBER = {
    "check_Number": """checks.close("twice three", Number(3.0).twice(), 6)
checks.close("three squared", Number(3.0).square(), 9)
### BEGIN HIDDEN TESTS
x = checks.rng.standard_normal(5)
checks.reference("doubled", Number(x).twice())
checks.reference("squared", Number(x).square())
checks.reference("their sum", Number(x).both())
checks.reference("as it was", lambda: x)
### END HIDDEN TESTS""",
    "check_Number_again": """for x in checks.rng.standard_normal((2, 3)):
    checks.close("twice two", Number(2.0).twice(), 4)
### BEGIN HIDDEN TESTS
x = checks.rng.standard_normal(3)
checks.reference("doubled", Number(x).twice())
checks.reference("squared", Number(x).square())
### END HIDDEN TESTS""",
    "check_later": """checks.close("of one", later(1.0), 3)
### BEGIN HIDDEN TESTS
x = checks.rng.standard_normal(3)
checks.reference("of many", lambda: later(x))
### END HIDDEN TESTS""",
}
POINTS = {"check_Number": 3, "check_Number_again": 4, "check_later": 8}
LATER = "#| export\ndef later(x):\n    ### BEGIN SOLUTION\n    return Number(x).both() + 0 * x\n    ### END SOLUTION"


def number(bodies, gaps=False):
    """The text of the stub. gaps: whether each body stands between nbgrader's marks"""
    begin, end = ("### BEGIN SOLUTION\n        ", "\n        ### END SOLUTION") if gaps else ("", "")
    methods = "".join(f"\n\n    def {name}(self):\n        {begin}{body}{end}" for name, body in bodies.items())
    return f"#| export\nclass Number:\n    def __init__(self, x):\n        self.x = x{methods}"


def notebook(stub, later=LATER):
    cells = [code("default_exp", "#| default_exp core.setup"), code("tools", "from tito import checks")]
    for name, text in NUMBER.items():
        if name != "check_Number_again":
            stubs = {"check_Number": ("Number", stub), "check_later": ("later", later)}
            cells.append(code(*stubs[name], solution=True))
        cells.append(code(name, text, points=POINTS[name]))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_course(tmp_path_factory.mktemp("gaps"))
    nbformat.write(notebook(number(RIGHT, gaps=True)), root / "source" / "setup" / "setup_dev.ipynb")
    return root


@pytest.fixture(scope="module")
def source(root):
    return Source.of(Workspace.find(root), "setup")


@pytest.fixture(scope="module")
def earned(shut_in, source):
    """A function that grades a submission: check → points."""

    def grade(stub, later=LATER, **options):
        mended = mend(notebook(stub, later), source)[0]
        _, judged = run_and_judge(mended, source, SEED, {}, **options)
        return {verdict.grade_id: verdict.earned for verdict in judged}

    return grade


def without(*blank):
    return number({**RIGHT, **dict.fromkeys(blank, BLANK)})


def due(*blank):
    """What is earned with some gaps blank: one is lost with those that need it, and what comes later is not."""
    lost = {*blank, *(["both"] if blank else [])}
    of_again = len({"twice", "square"} - lost)
    return {"check_Number": 3.0 - len(lost), "check_Number_again": 2.0 * of_again, "check_later": 8.0}


BLANKS = [blank for many in range(4) for blank in itertools.combinations(RIGHT, many)]


# --- which gaps a check asks about --------------------------------------------------------------------


def test_each_check_is_asked_about_the_gaps_without_which_it_fails(source, shut_in):
    for seed in (PUBLIC, SEED):
        asked = {m["name"]: m.get(GAPS) for m in expected(source, seed).emissions["check_Number"]}
        assert asked == {
            "twice three": [0],
            "three squared": [1],
            "doubled": [0],
            "squared": [1],
            "their sum": [0, 1, 2],
            "as it was": None,
        }
        again = {m["name"]: m.get(GAPS) for m in expected(source, seed).emissions["check_Number_again"]}
        assert again == {"twice two": [0], "doubled": [0], "squared": [1]}
        assert not any(GAPS in message for message in expected(source, seed).emissions["check_later"])
    assert counts(source) == {"check_Number": 3, "check_Number_again": 3}


# --- what a gap costs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", BLANKS, ids=lambda blank: "-".join(blank))
def test_a_blank_gap_costs_its_share(earned, blank):
    assert earned(without(*blank)) == due(*blank)


@pytest.mark.parametrize("stub", ["as released", "deleted"])
def test_what_was_not_begun_earns_nothing(earned, source, stub):
    cell = source.named_cells["Number"]
    text = released_text(cell) if stub == "as released" else ""
    assert not any(earned(text, released_text(source.named_cells["later"])).values())


@pytest.mark.parametrize(
    ("wrong", "costs"),
    [
        ({"square": "return 9.0 if self.x is 3.0 else 3 * self.x"}, {"square", "both"}),
        ({"square": "return 9.0 if isinstance(self.x, float) else 0"}, {"square", "both"}),
        ({"both": "self.x += 1; return 2 * (self.x - 1) + (self.x - 1) ** 2"}, {"twice", "square", "both"}),
    ],
)
def test_a_wrong_gap_costs_its_share_and_damage_that_no_gap_owns_costs_all(earned, wrong, costs):
    found = earned(number({**RIGHT, **wrong}))
    assert found["check_Number"] == 3 - len(costs)


def test_a_cell_that_stops_although_all_its_checks_hold_earns_nothing(source, shut_in):
    stops = "calls = []\ndef later(x):\n    calls.append(x)\n    return Number(x).both() + 0 * x"
    mended = mend(notebook(number(RIGHT), stops), source)[0]
    for cell in mended.cells:
        if grade_id(cell) == "check_Number":
            cell.source = cell.source.replace("x = checks", "1 / 0\nx = checks")
    _, judged = run_and_judge(mended, source, SEED, {})
    assert judged[0].earned == 0
    assert judged[1].passed


HANDED_IN = {"ada": (), "bob": ("square",), "cem": ("both",), "dan": tuple(RIGHT)}
DUE = {student: sum(due(*blank).values()) for student, blank in HANDED_IN.items()}


@pytest.fixture
def classroom(root, own_copy, hand_in, shut_in):
    """The course released, with a class that has handed in."""
    copy = own_copy(root)
    workspace = Workspace.find(copy)
    with nbgrader_api(workspace) as api:
        release_one(api, Source.of(workspace, "setup"))
    for student, blank in HANDED_IN.items():
        hand_in(copy, student, notebook(without(*blank)))
    return copy


def test_by_tito_and_by_nbgraders_own_command(classroom):
    rows = grade_module(Source.of(Workspace.find(classroom), "setup"), Selection(), Options())
    assert {row.student: row.score for row in rows} == DUE
    assert nbgrader("autograde", "setup", "--force")[0] == 0
    with nbgrader_api(Workspace.find(classroom)) as api:
        scores = {one["student"]: one["score"] for one in api.get_submissions("setup")}
    assert scores == DUE


def test_by_otter(source, tmp_path, shut_in):
    archive, folder = tmp_path / "autograder.zip", tmp_path / "submission"
    archive.write_bytes(autograder_zip(source, SEED, expected(source, SEED)))
    folder.mkdir()
    nbformat.write(notebook(without("square")), folder / "setup_dev.ipynb")
    with parity.workers(1) as pool:
        results = pool.submit(gradescope.grade_as_gradescope, archive, folder, tmp_path / "root").result()
    assert results["score"] == DUE["bob"]


# --- the rule alone -----------------------------------------------------------------------------------

ASKED = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.tuples(st.sampled_from(["reference", "close"]), st.sets(st.integers(0, 3)), st.booleans()),
    min_size=1,
)


def held(asked, failed):
    lines = [Line(name, kind, "no" if name in failed else None) for name, (kind, _, _) in asked.items()]
    return gaps_held(
        lines, {name: {GAPS: sorted(gaps), SECRET: kind == "reference"} for name, (kind, gaps, _) in asked.items()}
    )


@given(ASKED)
def test_what_fails_costs_something_and_a_blank_gap_its_share(asked):
    strong = {
        gap: {n for n, (kind, gaps, _) in asked.items() if kind == "reference" and gap in gaps} for gap in range(4)
    }
    shares = {frozenset(names) for names in strong.values() if names}
    assert held(asked, set()) == (len(shares), len(shares))
    found, of = held(asked, {name for name, (_, _, fails) in asked.items() if fails})
    assert of == len(shares)
    assert found < of or not of or not any(fails for _, _, fails in asked.values())
    for blank in itertools.chain.from_iterable(itertools.combinations(range(4), many) for many in range(1, 5)):
        failed = {name for name, (_, gaps, _) in asked.items() if gaps.intersection(blank)}
        lost = {frozenset(strong[gap]) for gap in blank if strong[gap]}
        assert held(asked, failed)[0] <= len(shares - lost)
    assert held(asked, set(asked))[0] == 0


@given(st.sets(st.sampled_from("abcd"), min_size=1), st.booleans())
def test_gaps_that_do_not_need_each_other_cost_exactly_themselves(blank, seen):
    asked = {name: ("reference", {at}, False) for at, name in enumerate("abcd")}
    asked |= {name.upper(): ("close", {at}, False) for at, name in enumerate("abcd") if seen}
    assert held(asked, {*blank, *(map(str.upper, blank) if seen else ())}) == (4 - len(blank), 4)
