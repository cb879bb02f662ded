"""The class page: its numbers, its hints, and that nothing in it acts or loads."""

import json
import re
import shutil
from html.parser import HTMLParser

import nbformat
import pytest
from nbgrader.api import Gradebook
from rapidfuzz.distance import Indel

from autograder.grading import looks
from autograder.grading.pipeline import grade_module
from autograder.judging.source import Source
from autograder.pages import alike, findings
from tests.autograder.conftest import meta
from tito.cli import main
from tito.workspace import Workspace

# --- alike ----------------------------------------------------------------------------------------

ODD = """def normal(n):
    made = []  # one by one
    while len(made) < n:
        value = sum(random.random() for _ in range(12)) - 6
        if value < 0 and len(made) % 2 == 0:
            made.insert(len(made) // 2, value * 1.0)
        else:
            made.append(value * 1.0)
    assert len(made) == n, "not enough"
    return list(made)"""
RENAMED = ODD.replace("made", "numbers").replace("value", "x").replace("# one by one", "").replace("enough", "many")
OTHER = """def normal(n):
    halves = [random.gauss(0, 1) for _ in range(n // 2)]
    rest = n - len(halves)
    more = []
    for index in range(rest):
        more += [random.normalvariate(mu=0, sigma=1)]
        assert len(more) == index + 1
    return halves + more if n > 1 else more"""


def written(answered):
    """student → cell → answer, of their code."""
    return {who: {cell: alike.AddedCode.of(code) for cell, code in cells.items()} for who, cells in answered.items()}


def test_names_comments_and_lines_do_not_matter():
    assert alike.tokens("a = len(b)  # x") == alike.tokens("first=len( second )\n")
    assert alike.tokens("x.reshape(2)") != alike.tokens("x.transpose(2)")
    assert alike.tokens("x + 2") != alike.tokens("x + 3")
    assert alike.tokens("'a' + f'b{c}'") == alike.tokens('"q" + f"z{y}"')
    assert alike.tokens("def f(:\n  )) '") == alike.tokens("def f(: )) '")


def test_a_renamed_copy_is_found_and_an_own_answer_not():
    found = alike.pairs(written({"ada": {"f": ODD}, "bob": {"f": RENAMED}, "cem": {"f": OTHER}}))

    assert [pair.students for pair in found] == [("ada", "bob")]
    assert found[0].cells == ["f"]
    assert found[0].same_text == []
    assert found[0].tokens >= alike.MIN_PAIR


def test_letter_by_letter():
    (pair,) = alike.pairs(written({"ada": {"f": ODD, "g": OTHER}, "bob": {"f": ODD, "g": f"{OTHER}  "}}))

    assert pair.same_text == ["f", "g"]


def test_six_who_are_alike_are_one_group():
    six = {f"s{number}": {"f": ODD if number % 2 else RENAMED} for number in range(6)}
    others = {
        f"o{number}": {"f": OTHER.replace("halves", f"h{number}") + "\n" * number + "    + 1" * number * 9}
        for number in range(60)
    }
    (group,) = [one for one in alike.groups(written({**six, **others})) if "s0" in one.students]
    assert group.students == sorted(six)
    assert (group.cells, group.same_text) == (["f"], ["f"])
    chain = {"a": {"f": ODD}, "b": {"f": ODD, "g": OTHER}, "c": {"g": OTHER}, "d": {"h": ODD}, "e": {"h": ODD}}
    assert sorted(one.students for one in alike.groups(written(chain))) == [["a", "b", "c"], ["d", "e"]]
    assert alike.groups(written({})) == []


def test_what_many_have_and_what_is_short_is_no_sign():
    many = {f"student{number}": {"f": ODD} for number in range(5)}
    assert alike.pairs(written(many | {f"other{number}": {"f": OTHER + f"\n{number}"} for number in range(3)})) != []
    assert alike.pairs(written(many)) == []
    assert alike.pairs(written({"ada": {"f": "return 2 * x"}, "bob": {"f": "return 2 * x"}})) == []
    assert alike.pairs(written({})) == alike.pairs(written({"ada": {}})) == []


def test_what_was_given_does_not_count(source, solved):
    own = alike.added_code(solved({"normal": f"#| export\n{ODD}"}), source)["normal"]
    assert "#| export" not in own
    assert "def normal(n):" not in own
    assert "value = sum(" in own


def test_each_answer_is_compared_once_and_the_outcome_is_that_of_all_pairs():
    """Against the plain way: each pair of students by itself."""
    texts = [ODD, RENAMED, OTHER, ODD.replace("12", "13"), OTHER.replace("// 2", "// 3"), "return 1"]
    for count in (3, 8, 30):
        cell = {f"s{number}": alike.AddedCode.of(texts[number * number % len(texts)]) for number in range(count)}
        tokens = {who: answer.tokens.split() for who, answer in cell.items() if len(answer.tokens.split()) >= 15}
        near = {
            who: [other for other in tokens if other != who and Indel.normalized_similarity(one, tokens[other]) >= 0.9]
            for who, one in tokens.items()
        }
        rare = {who for who, others in near.items() if len(others) <= max(2, count / 10)}
        due = sorted({tuple(sorted((one, other))) for one in rare for other in rare & set(near[one])})
        assert [pair[:2] for pair in alike._alike_in(cell)] == due


# --- the page -------------------------------------------------------------------------------------

WRONG = {"double": "def double(x):\n    return x"}
HOSTILE = "<script>alert(1)<&script>"


@pytest.fixture(scope="module")
def graded(shut_in, released, solved, hand_in, tmp_path_factory):
    """A course with a graded class."""
    root = tmp_path_factory.mktemp("report") / "course"
    shutil.copytree(released, root)
    for student in ("ada", "bob", "cem"):
        hand_in(root, student, solved())
    hand_in(root, "dan", solved({"normal": f"#| export\n{ODD}"} | WRONG))
    hand_in(root, HOSTILE, solved({"normal": f"#| export\n{RENAMED}"} | WRONG))
    changed = solved({"double": "import time\nwhile True: time.sleep(1)"})
    changed.cells = [cell for cell in changed.cells if cell.id != "check_both"]
    hand_in(root, "eve", changed)
    hand_in(root, "ole", "{")
    (root / "submitted" / "zoe").mkdir()
    workspace = Workspace.find(root)
    grade_module(Source.of(workspace, "setup"))
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        gradebook.find_submission("setup", "cem").notebooks[0].flagged = True
        grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", "ada")
        grade.manual_score, grade.needs_manual_grade = 1, False
        gradebook.db.commit()
    return root


@pytest.fixture
def tito(graded, monkeypatch, capsys):
    monkeypatch.chdir(graded)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        return ended.value.code or 0, capsys.readouterr()

    return run


@pytest.fixture
def setup(tito):
    code, said = tito("report", "--json")
    assert (code, said.err) == (0, "")
    (module,) = json.loads(said.out)["modules"]
    return module


def test_scores(setup):
    assert setup["scores"] == {"ada": 10, "bob": 9, "cem": 9, "dan": 3, HOSTILE: 3, "eve": 3}
    assert setup["max_score"] == 11
    shares = [10 / 11, 1, 1, 1 / 3, 1 / 3, 1 / 3]  # only ada's answer was read: the others' are no zeros
    assert setup["mean_share"] == pytest.approx(sum(shares) / 6)
    assert setup["median_share"] == pytest.approx((1 / 3 + 10 / 11) / 2)
    assert setup["bins"] == [0, 0, 0, 3, 0, 0, 0, 0, 0, 3]


def test_a_score_that_no_answer_can_have_is_in_no_figure(graded, tito, setup):
    def give(extra):
        with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
            gradebook.find_grade("check_both", "setup_dev", "setup", "ada").extra_credit = extra
            gradebook.db.commit()

    give(2e12)
    try:
        code, said = tito("report", "--json")
        (module,) = json.loads(said.out)["modules"]
        page = tito("report", "setup", "--to", "page.html")
    finally:
        give(None)
    assert (code, page[0]) == (1, 1)
    said = " ".join(said.err.split())
    assert "setup, ada: check_both has 2000000000004 points, 2000000000000 of them as extra credit, and is wor" in said
    assert "Mend the score in formgrader" in said
    assert module["scores"] == {who: score for who, score in setup["scores"].items() if who != "ada"}
    assert (module["mean_share"], module["median_share"], sum(module["bins"])) == (
        pytest.approx(3 / 5),
        pytest.approx(1 / 3),
        5,
    )
    assert [one["difficulty"] for one in module["questions"][:2]] == [0.4, 1]
    assert "5 graded, mean 60 % of the points that are graded" in page[1].out
    assert "Left out of all figures" in (graded / "page.html").read_text()


def test_questions(setup):
    double, normal, both, why = setup["questions"]
    assert [double[key] for key in ("name", "full", "partial", "none", "waiting")] == ["check_double", 3, 0, 3, 0]
    assert double["difficulty"] == 0.5
    assert double["discrimination"] > 0.9
    assert (normal["full"], normal["discrimination"]) == (6, None)
    assert both["none"] == 3
    assert [(one["causes"], one["followed"]) for one in (double, normal, both)] == [(3, 0), (0, 0), (0, 0)]
    assert (why["partial"], why["waiting"], why["difficulty"], why["by_hand"]) == (1, 5, 0.5, True)


def test_questions_are_those_that_were_released(graded, own_copy, tito, setup):
    """Whatever an author has changed in the source since: the scores are about what was released."""
    root = own_copy(graded)
    path = root / "source" / "setup" / "setup_dev.ipynb"
    notebook = nbformat.read(path, 4)
    cells = {cell.id: cell for cell in notebook.cells}
    for name in ("check_double", "reflect_why"):
        cells[name].metadata["nbgrader"]["points"] = 7
    notebook.cells.remove(cells["check_both"])
    cells["ask_why"].metadata.update(meta("ask_why", 5, solution=True))
    nbformat.write(notebook, path)
    (module,) = json.loads(tito("report", "--json")[1].out)["modules"]
    told = ("name", "points", "by_hand", "full", "partial", "none", "waiting")
    assert module["max_score"] == setup["max_score"]
    assert {tuple(one[key] for key in told) for one in module["questions"]} == {
        tuple(one[key] for key in told) for one in setup["questions"]
    }


def test_what_a_person_should_look_at(setup):
    assert [group["students"] for group in setup["alike"]] == [[HOSTILE, "dan"]]
    flags = {row["student"]: row["what"] for row in setup["flags"]}
    assert flags == {"cem": "flagged in formgrader", "eve": "check_both: was deleted, put back"}
    assert {row["student"] for row in setup["stopped"]} == {"eve"}
    assert "took longer than 3 s" in setup["stopped"][0]["what"]
    assert (setup["missing"], setup["not_graded"]) == (["zoe"], ["ole"])
    assert set(setup["waiting"]) == {"bob", "cem", "dan", "eve", HOSTILE}


def test_checks_that_nearly_nobody_passes(setup):
    assert setup["rare_checks"] == []


def test_rare_checks(graded, monkeypatch):
    from autograder.pages import report

    students = [path.parents[1].name for path in graded.glob("autograded/*/setup/setup_dev.ipynb")]
    monkeypatch.setattr(report, "NEARLY_NOBODY", 0.6)
    rows = report._rare_checks(findings.findings_in(Source.of(Workspace.find(graded), "setup"), students))
    assert {"cell": "check_double", "check": "random arrays", "passed": 3, "of": 6} in rows
    assert not [row for row in rows if row["cell"] == "check_normal"]


def test_what_lies_as_it_lay_is_not_read_again_and_says_the_same(graded, own_copy, monkeypatch):
    root = own_copy(graded)
    source, students = Source.of(Workspace.find(root), "setup"), ["ada", "bob", "dan", "eve", HOSTILE, "who has gone"]
    monkeypatch.setattr(looks, "YOUNG", 0)
    read, real = [], findings._findings

    def noting(source, submitted, autograded):
        read.append(submitted.parent.name)
        return real(source, submitted, autograded)

    monkeypatch.setattr(findings, "_findings", noting)
    first = findings.findings_in(source, students)
    assert read == students
    assert first["dan"].causes == {"check_double": []}
    assert first["eve"].put_back == ["check_both: was deleted, put back"]
    for changed in (None, "submitted/eve/setup/setup_dev.ipynb", "autograded/dan/setup/setup_dev.ipynb"):
        read.clear()
        if changed:  # a file that can't be read says so, and a score's reasons are gone with its notebook
            (root / changed).unlink()
        again = findings.findings_in(source, students)
        assert read == ([changed.split("/")[1]] if changed else [])
        assert {who for who in students if again[who] != first[who]} == set(read)
        first = again


class Reader(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.elements = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def test_the_page(tito, graded):
    code, said = tito("report", "setup", "--to", "source")
    assert (code, "source is a folder. Name a file: source/NAME" in " ".join(said.err.split())) == (2, True)
    code, said = tito("report", "setup", "--to", "page.html")
    assert code == 0
    assert "setup: 6 graded, mean 65 % of the points that are graded, 1 handed in nothing, 1 not graded" in said.out
    assert "5 wait for a person" in said.out
    page = (graded / "page.html").read_text()
    for words in (
        "Module 0: Setup",
        "A hint where to look, not a verdict",
        "handed in nothing: zoe",
        "took longer than",
    ):
        assert words in page
    assert "CANARY" not in page
    assert "<script" not in page
    for tag, attributes in Reader(page).elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
        assert attributes.get("href", "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
    assert not re.search(r"url\(|@import|https?:", page)


def test_a_module_that_is_named_twice_is_one(tito, setup):
    assert len(json.loads(tito("report", "setup", "setup", "--json")[1].out)["modules"]) == 1


def test_nothing_graded(classroom, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["report"])
    assert ended.value.code == 2
    assert "Nothing is graded yet. First: tito grade MODULE" in capsys.readouterr().err
