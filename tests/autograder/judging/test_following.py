"""A mistake costs its own question: what later questions lose by it is given back, and nothing else is."""

import copy
import dataclasses
import itertools
import json
import shutil

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine.execute import Run
from autograder.engine.pool import Options
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Selection, grade_module
from autograder.handing_out.release import release_one
from autograder.judging import step
from autograder.judging.cells import mend
from autograder.judging.elsewhere import bundle_of, run_and_judge_bundled
from autograder.judging.expected import expected
from autograder.judging.following import Following, course_answers
from autograder.judging.judge import how_earned, judge
from autograder.judging.source import Source
from autograder.otter import gradescope, parity
from autograder.otter.build import autograder_zip
from tests.autograder.conftest import code, make_course, nbgrader
from tito.notebooks import grade_id
from tito.uses import answers_used, stubs_asked
from tito.workspace import UserError, Workspace

SEED = 7
STUB = """#| export
def {name}(x):
    ### BEGIN SOLUTION
    return {answer}  # CANARY-SOLUTION
    ### END SOLUTION"""
CHECK = """checks.close("of one", {name}(1.0), {one})
### BEGIN HIDDEN TESTS
x = checks.rng.standard_normal((3, 4))
checks.reference("random arrays", lambda: {name}(x))
### END HIDDEN TESTS"""
POINTS = {"double": 1, "fourfold": 2, "eightfold": 4, "square": 8, "double_again": 16, "sixteenfold": 32}
RIGHT = {
    "double": "def double(x): return 2 * x",
    "fourfold": "def fourfold(x): return double(double(x))",
    "eightfold": "def eightfold(x): return double(given(x))",
    "square": "def square(x): return x * x",
    "sixteenfold": "def sixteenfold(x): return double(eightfold(x))",
}
WRONG = {
    "double": "def double(x): return 3 * x",
    "fourfold": "def fourfold(x): return double(x)",
    "eightfold": "def eightfold(x): return given(x)",
    "square": "def square(x): return x + x",
    "sixteenfold": "def sixteenfold(x): return double(eightfold(x) + 1)",
}
OTHERS = {  # right, and written in another way
    "fourfold": "def fourfold(x):\n    once = double(x)\n    return double(once)",
    "eightfold": "class Eight:\n    def __call__(self, x):\n        return double(fourfold(x))\neightfold = Eight()",
    "sixteenfold": "sixteenfold = lambda x: double(double(fourfold(x)))",
}
BLANK = dict.fromkeys(RIGHT, "# YOUR CODE HERE\nraise NotImplementedError()")
NAMES = [f"check_{name}" for name in POINTS]


def chain():
    """Questions that use each other, a given cell between them, and one that asks about `double` once more."""
    cells = [code("default_exp", "#| default_exp core.setup"), code("tools", "from tito import checks")]
    answers = {"double": "2 * x", "fourfold": "double(double(x))", "eightfold": "double(given(x))", "square": "x * x"}
    ones = {"double": 2, "fourfold": 4, "eightfold": 8, "square": 1, "double_again": 2, "sixteenfold": 16}
    for name, points in POINTS.items():
        if name == "sixteenfold":
            answers[name] = "double(eightfold(x))"
        if name in answers:
            cells.append(code(name, STUB.format(name=name, answer=answers[name]), solution=True))
        text = CHECK.format(name="double" if name == "double_again" else name, one=ones[name])
        cells.append(code(f"check_{name}", text, points=points))
        if name == "fourfold":
            cells.append(code("given", "#| export\ndef given(x):\n    return fourfold(x)"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


@pytest.fixture(scope="module")
def chained(tmp_path_factory):
    """The root of a course whose questions use each other."""
    root = make_course(tmp_path_factory.mktemp("chained"))
    nbformat.write(chain(), root / "source" / "setup" / "setup_dev.ipynb")
    return root


@pytest.fixture(scope="module")
def source(chained):
    return Source.of(Workspace.find(chained), "setup")


def submission(cells=None, extra=()):
    """A right notebook with `cells` in place of its own, and cells of the student's before the first stub."""
    notebook = chain()
    for cell in notebook.cells:
        cell.source = {**RIGHT, **(cells or {})}.get(grade_id(cell), cell.source)
    notebook.cells[2:2] = [new_code_cell(text) for text in extra]
    return notebook


@pytest.fixture(scope="module")
def graded(shut_in, source):
    """A function that grades a submission: the run, and verdicts by question."""

    def grade(cells=None, extra=(), **options):
        notebook = mend(submission(cells, extra), source)[0]
        run, judged = step.run_and_judge(notebook, source, SEED, {}, **options)
        return run, {verdict.grade_id.removeprefix("check_"): verdict for verdict in judged}

    return grade


def lost(verdicts):
    return {name for name, verdict in verdicts.items() if not verdict.passed}


def own(*wrong):
    """The questions that a submission with mistakes in `wrong` should lose."""
    return {*wrong, *(["double_again"] if "double" in wrong else [])}


# --- what counts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [wrong for many in (0, 1, 2, 5) for wrong in itertools.combinations(WRONG, many)],
    ids=lambda w: "-".join(w),
)
def test_each_mistake_costs_its_own_question(graded, wrong):
    run, found = graded({name: WRONG[name] for name in wrong})
    assert lost(found) == own(*wrong)
    assert (run.followed is None) == (wrong in [(), ("square",), ("sixteenfold",)]), "run for nothing"


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_written_differently_lose_nothing_over_a_wrong_one(graded, name):
    _, found = graded({**OTHERS, name: WRONG[name]})
    assert lost(found) == own(name)


@pytest.mark.parametrize("done", [(), ("double",), ("fourfold", "square"), ("sixteenfold",)], ids=lambda d: "-".join(d))
def test_what_is_blank_earns_nothing(graded, done):
    blank = {name: text for name, text in BLANK.items() if name not in done}
    run, found = graded(blank)
    assert lost(found) == own(*blank)
    assert done or run.followed is None, "nothing could have been gained"


def test_a_question_that_asks_once_more_is_not_earned_by_the_courses_answer(graded):
    _, found = graded({"double": BLANK["double"]})
    assert lost(found) == own("double")
    assert found["sixteenfold"].given == ["check_double"]


def test_the_courses_answer_may_be_needed_to_one_that_asks_once_more(graded):
    """It passes its own check and fails later: the question that it repeats is answered by the course."""
    later = "calls = []\ndef double(x):\n    calls.append(x)\n    return 2 * x if len(calls) < 30 else 0 * x"
    _, found = graded({"double": later.replace("30", "3")})
    assert "sixteenfold" not in lost(found)


def test_what_is_said(graded):
    _, found = graded({"double": WRONG["double"], "eightfold": WRONG["eightfold"]})
    assert found["double"].given == []
    assert found["fourfold"].given == ["check_double"]
    assert found["eightfold"].given == ["check_double"], "it is wrong with the course's answer, too"
    assert found["sixteenfold"].given == ["check_double", "check_eightfold"]
    assert found["square"].given == [], "it uses nothing"


def test_off_in_the_manifest(graded, source, monkeypatch):
    off = dataclasses.replace(source.workspace.course, follow_through=False)
    monkeypatch.setitem(source.workspace.__dict__, "course", off)
    run, found = graded({"double": WRONG["double"]})
    assert lost(found) == set(POINTS) - {"square"}
    assert (run.followed, {name for name, verdict in found.items() if verdict.given}) == (None, set())


@pytest.mark.parametrize("value", ["'no'", "1", "null"])
def test_neither_on_nor_off(tmp_path, value):
    root = make_course(tmp_path)
    text = (root / "course.yml").read_text().replace("follow_through: true", f"follow_through: {value}")
    (root / "course.yml").write_text(text)
    with pytest.raises(UserError, match="follow_through must be true or false"):
        Workspace.find(root).course  # noqa: B018


# --- the run with the course's answers ----------------------------------------------------------------

ON_ANSWER = "get_ipython().events.register('pre_run_cell', lambda info: 'CANARY-SOLUTION' in info.raw_cell and {})"


@pytest.mark.parametrize(
    "what", ["__import__('os')._exit(0)", "__import__('time').sleep(60)", "__import__('os').fork()"]
)
def test_dying_hanging_and_forking_when_an_answer_comes(graded, source, monkeypatch, what):
    limits = {**source.workspace.course.limits, "cell_seconds": 1, "notebook_seconds": 5}
    monkeypatch.setitem(
        source.workspace.__dict__, "course", dataclasses.replace(source.workspace.course, limits=limits)
    )
    run, found = graded({"double": WRONG["double"], "square": WRONG["square"]}, [ON_ANSWER.format(what)])
    assert lost(found) >= own("double", "square")
    assert run.notes == [], "a note is about the judged run"


def test_what_comes_with_an_answer_is_told_nowhere(graded):
    """A hook keeps the text of an answer, and the checks after it report and raise it."""
    keep = "kept = []\n" + ON_ANSWER.format("kept.append(info.raw_cell)")
    tell = "def eightfold(x):\n    if kept: raise type('CANARY' + kept[0], (Exception,), {})\n    return 0"
    run, found = graded({"double": WRONG["double"], "eightfold": tell}, [keep])
    assert lost(found) == own("double", "eightfold")
    assert "CANARY" not in json.dumps([dataclasses.asdict(verdict) for verdict in found.values()])
    assert "CANARY-SOLUTION" not in json.dumps([run.emissions, run.problems, run.notes])


def test_what_fails_twice_is_told_in_the_words_of_the_judged_run(graded):
    text = "def eightfold(x): return 5.0 if double(1.0) == 2 else 7.0"
    _, found = graded({"double": WRONG["double"], "eightfold": text})
    (line,) = [line for line in found["eightfold"].lines if line.visible]
    assert (line.want, line.got) == ("8.0", "7.0")


def test_a_restart_replays_the_answers(graded):
    dies = "def square(x):\n    import os; os._exit(0)"
    _, found = graded({"double": WRONG["double"], "square": dies})
    assert lost(found) == own("double", "square")
    assert found["sixteenfold"].given == ["check_double"]


def test_a_hang_costs_its_own_points_within_three_limits_and_one_retry(source, monkeypatch):
    limits = {**source.workspace.course.limits, "cell_seconds": 2, "notebook_seconds": 3}
    monkeypatch.setitem(
        source.workspace.__dict__, "course", dataclasses.replace(source.workspace.course, limits=limits)
    )
    made, execute = [], step.execute

    def counted(*arguments):
        made.append(execute(*arguments))
        return made[-1]

    monkeypatch.setattr(step, "execute", counted)
    notebook = mend(submission({"double": "def double(x):\n    __import__('time').sleep(60)"}), source)[0]
    _, judged = step.run_and_judge_alone(notebook, source, SEED, {})
    assert {one.grade_id for one in judged if not one.passed} == {"check_double", "check_double_again"}
    assert len(made) == 4, "one to be repeated, and three"
    assert all(run.seconds < 3 + 2 for run in made), "without the notebook's limit, five checks would wait for 10 s"


def test_a_cell_of_ones_own_hangs_in_the_judged_run_alone(source, monkeypatch):
    """Where it stands before the first mistake. After that it may hang for the mistake, and is run once more."""
    limits = {**source.workspace.course.limits, "cell_seconds": 1}
    monkeypatch.setitem(
        source.workspace.__dict__, "course", dataclasses.replace(source.workspace.course, limits=limits)
    )
    made, execute = [], step.execute
    monkeypatch.setattr(step, "execute", lambda *given: made.append((given[0], execute(*given))) or made[-1][1])
    hangs, waits = "__import__('time').sleep(60)", "while double(1) != 2: __import__('time').sleep(60)"
    square = f"{waits}\ndef square(x): return x * x"
    notebook = mend(submission({"double": WRONG["double"], "square": square}, [hangs]), source)[0]
    run, judged = step.run_and_judge(notebook, source, SEED, {})
    assert {one.grade_id for one in judged if not one.passed} == {"check_double", "check_double_again"}
    assert [note.partition(":")[0] for note in run.notes] == ["a cell of the student", "square"]
    assert [hangs in {text for _, _, text in job.cells} for job, _ in made] == [True, False, False]
    assert [len(run.fatal) for _, run in made] == [2, 0, 0]


# --- the same wherever it is graded -------------------------------------------------------------------

CLASS = {
    "ada": {},
    "bob": {"double": WRONG["double"]},
    "cem": {"double": WRONG["double"], "eightfold": WRONG["eightfold"]},
    "dan": BLANK,
    "eva": {"double": BLANK["double"], "fourfold": BLANK["fourfold"]},
}
DUE = {student: sum(POINTS.values()) - sum(POINTS[one] for one in own(*wrong)) for student, wrong in CLASS.items()}


@pytest.fixture(scope="module")
def with_a_class(shut_in, chained, tmp_path_factory, hand_in):
    """The course released, with a class that has handed in. Not to be changed."""
    root = shutil.copytree(chained, tmp_path_factory.mktemp("with_a_class") / "course")
    workspace = Workspace.find(root)
    with nbgrader_api(workspace) as api:
        release_one(api, Source.of(workspace, "setup"))
    for student, cells in CLASS.items():
        hand_in(root, student, submission(cells))
    return root


@pytest.fixture
def classroom(with_a_class, own_copy):
    return own_copy(with_a_class)


def scores(root, **options):
    rows = grade_module(Source.of(Workspace.find(root), "setup"), Selection(), Options(**options))
    return {row.student: row.score for row in rows}, [row.student for row in rows if row.unchanged]


def test_by_tito_and_the_setting_is_part_of_what_a_grade_depends_on(classroom):
    assert scores(classroom) == (DUE, [])
    assert scores(classroom) == (DUE, list(CLASS))
    manifest = classroom / "course.yml"
    manifest.write_text(manifest.read_text().replace("follow_through: true", "follow_through: false"))
    found, unchanged = scores(classroom)
    assert unchanged == []
    assert found == {**DUE, "bob": 8, "cem": 8, "eva": 8}


def test_by_nbgraders_own_commands(classroom):
    assert nbgrader("autograde", "setup")[0] == 0
    stock = {path.parent.parent.name: _earned(path) for path in classroom.glob("autograded/*/setup/setup_dev.ipynb")}
    assert stock == DUE


def _earned(path):
    cells = nbformat.read(path, 4).cells
    return sum(float(cell.outputs[0].data["text/plain"]) for cell in cells if grade_id(cell) in NAMES)


def test_in_a_real_kernel(graded):
    assert lost(graded(CLASS["cem"], kernel=True)[1]) == own(*CLASS["cem"])


def test_on_another_machine(source, shut_in):
    expected(source, SEED)
    text = nbformat.writes(mend(submission(CLASS["cem"]), source)[0])
    run, judged = run_and_judge_bundled(bundle_of(source), text, {}, SEED, last=True)
    assert {one.grade_id.removeprefix("check_") for one in judged if not one.passed} == own(*CLASS["cem"])
    assert Run.unpacked(run.packed()) == run, "all three runs are kept"


# --- by otter -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def worker():
    with parity.workers(1) as pool:
        yield pool


def test_by_otter(source, worker, tmp_path):
    archive = tmp_path / "autograder.zip"
    archive.write_bytes(autograder_zip(source, SEED, expected(source, SEED)))
    found = {}
    for student, cells in [("cem", CLASS["cem"]), ("dan", CLASS["dan"])]:
        folder = tmp_path / student / "submission"
        folder.mkdir(parents=True)
        nbformat.write(submission(cells), folder / "setup_dev.ipynb")
        job = worker.submit(gradescope.grade_as_gradescope, archive, folder, tmp_path / student / "root")
        found[student] = job.result()
    assert {student: results["score"] for student, results in found.items()} == {"cem": DUE["cem"], "dan": DUE["dan"]}
    said = json.dumps(found)
    assert "Earned with the course's answer to double." in said
    assert "It fails with the course's answer to double, too." in said
    assert "CANARY" not in said


# --- who uses whom ------------------------------------------------------------------------------------


def test_uses(source):
    short = {name.removeprefix("check_"): sorted(used) for name, used in answers_used(source.notebook).items()}
    assert short == {
        "double": [],
        "fourfold": ["check_double"],
        "eightfold": ["check_double", "check_fourfold"],
        "square": [],
        "double_again": ["check_double"],
        "sixteenfold": ["check_double", "check_eightfold", "check_fourfold"],
    }
    assert stubs_asked(source.notebook)["check_double_again"] == []


@given(st.sampled_from(list(RIGHT)), st.text(max_size=30))
@settings(max_examples=50, deadline=None)
def test_no_text_of_a_student_makes_it_fail(name, text):
    assert set(answers_used(submission({name: text}))) == set(NAMES)


def test_answers_hold_the_given_cells_after_their_stub(source):
    notebook = copy.deepcopy(source.notebook)
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) != "check_fourfold"]
    other = Source(source.workspace, "setup")
    other.__dict__["notebook"] = notebook
    found = course_answers(other)
    assert [part in found["check_eightfold"] for part in ("def fourfold", "def given", "def eightfold")] == [True] * 3
    assert found["check_double_again"] == found["check_double"]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=6, max_size=6))
@settings(max_examples=60, deadline=None)
def test_no_outcome_of_the_second_run_costs_anything(source, outcomes):
    """Whatever it reports, each question has at least what it had, and at most what one of the runs gave."""
    wanted = expected(source, SEED).emissions
    runs = [
        Run(emissions={name: wanted[name] for name, held in zip(NAMES, column, strict=True) if held})
        for column in zip(*outcomes, strict=True)
    ]
    before, after = (judge(source, wanted, run.emissions, run.problems) for run in runs)
    following = Following.of(submission(), source, course_answers(source))
    if not following.may_help(before):
        return
    better = following.better(before, runs[1], lambda name, run: step.judge_in(run, name, source, wanted))
    for one, other, best in zip(before, after, better, strict=True):
        assert one.earned <= best.earned <= max(one.earned, other.earned)
        assert not best.given or best.grade_id in runs[1].emissions, "nobody knows about what was not reached"


@pytest.mark.parametrize(
    ("given", "earned", "said"),
    [
        ([], 2, ""),
        ([], 1, "Earned in part: what holds has its share of the points."),
        ([], 0, ""),
        (["check_a"], 2, "Earned with the course's answer to a."),
        (["check_a", "check_b", "check_c"], 1, "Earned in part with the course's answers to a, b and c."),
        (["check_a", "check_b"], 0, "It fails with the course's answers to a and b, too."),
    ],
)
def test_sentences(given, earned, said):
    assert how_earned(given, earned, 2) == said
