"""What is read from nbgrader's gradebook and written to it, by several people at once, too."""

import threading
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.gradebook.tables import GRADED
from autograder.gradebook.waiting import who_waits
from autograder.judging.source import Source
from autograder.manual_grading.answers import (
    Stale,
    answer_rows,
    comments,
    grade_by_hand,
    manual_question,
    refuse_other_points,
    written,
)
from tito.workspace import UserError


def of(gradebook, asked, student):
    (found,) = [one for one in answer_rows(gradebook, asked) if one.student == student]
    return found


def test_a_class_that_nobody_has_read(gradebook, asked):
    found = answer_rows(gradebook, asked)
    assert sorted(one.student for one in found) == ["ada", "bert", "carl"]
    assert {(one.score, one.comment, one.waits, one.by) for one in found} == {(None, "", True, None)}
    assert not {one.student for one in found} & {one.id for one in found}


def test_what_is_saved_is_nbgraders(gradebook, asked):
    before = of(gradebook, asked, "ada")
    after = grade_by_hand(gradebook, asked, before.id, 1.5, "Part 1 ✓\nGood.", before.version, "ta1")
    assert (after.score, after.comment, after.waits, after.by) == (1.5, "Part 1 ✓\nGood.", False, "ta1")
    assert after.version != before.version
    assert set(who_waits(gradebook, "setup")) == {"bert", "carl"}
    submission = gradebook.find_submission("setup", "ada")
    assert submission.score == 9 + 1.5
    assert gradebook.find_comment("reflect_why", "setup_dev", "setup", "ada").comment == "Part 1 ✓\nGood."
    assert comments(answer_rows(gradebook, asked)) == ["Good."]


def test_what_formgrader_saved_is_shown(gradebook, asked):
    theirs = gradebook.find_grade("reflect_why", "setup_dev", "setup", "bert")
    theirs.manual_score, theirs.extra_credit, theirs.needs_manual_grade = 1, 0.25, False
    gradebook.db.commit()
    shown = of(gradebook, asked, "bert")
    assert (shown.score, shown.waits, shown.by) == (1, False, None)
    grade_by_hand(gradebook, asked, shown.id, 2, "", shown.version, "ta1")
    assert gradebook.find_submission("setup", "bert").score == 9 + 2.25, "extra credit is not this page's"


@pytest.mark.parametrize("change", ["score", "comment", "extra", "answer"])
def test_a_stale_page_changes_nothing(gradebook, asked, change):
    seen = of(gradebook, asked, "ada")
    theirs = gradebook.find_grade("reflect_why", "setup_dev", "setup", "ada")
    if change == "score":
        grade_by_hand(gradebook, asked, seen.id, 1, "", seen.version, "ta2")
    elif change == "comment":
        gradebook.find_comment("reflect_why", "setup_dev", "setup", "ada").manual_comment = "wait"
    elif change == "extra":
        theirs.extra_credit = 1
    else:
        gradebook.db.execute(GRADED.update().where(GRADED.c.student == "ada").values(work="other"))
    gradebook.db.commit()
    before = of(gradebook, asked, "ada")
    with pytest.raises(Stale) as told:
        grade_by_hand(gradebook, asked, seen.id, 2, "mine", seen.version, "ta1")
    assert told.value.now == before == of(gradebook, asked, "ada")


@pytest.mark.parametrize("score", [-0.5, 2.5, float("nan"), float("inf"), 2e12])
def test_no_score_that_the_question_cannot_have(gradebook, asked, score):
    seen = of(gradebook, asked, "ada")
    with pytest.raises(UserError, match="worth 0 to 2 points"):
        grade_by_hand(gradebook, asked, seen.id, score, "", seen.version, "ta1")
    assert of(gradebook, asked, "ada") == seen


def test_no_points_by_a_rubric_that_was_not_released(module, gradebook, asked):
    refuse_other_points(gradebook, asked)
    path = module.path
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [one for one in notebook.cells if one.id == "reflect_why"]
    cell.metadata["nbgrader"]["points"] = 3
    nbformat.write(notebook, path)
    edited = manual_question(Source.of(module.workspace, "setup"), "reflect_why")
    with pytest.raises(
        UserError, match=r"was released with 2 points, and has 3 in source/. Release .*tito release setup"
    ):
        refuse_other_points(gradebook, edited)


def test_taken_back_it_waits_again(gradebook, asked):
    seen = of(gradebook, asked, "ada")
    after = grade_by_hand(gradebook, asked, seen.id, 0, "no", seen.version, "ta1")
    again = grade_by_hand(gradebook, asked, seen.id, None, "", after.version, "ta1")
    assert (again.score, again.comment, again.waits) == (None, "", True)
    assert "ada" in who_waits(gradebook, "setup")


def test_of_many_at_once_one_wins(gradebook, asked):
    """Each has a connection of their own, as people on several servers do; everybody else is told."""
    seen, url, start = of(gradebook, asked, "ada"), str(gradebook.engine.url), threading.Barrier(6)

    def try_(number):
        with Gradebook(url) as own:
            start.wait()
            try:
                grade_by_hand(own, asked, seen.id, number / 5, f"of {number}", seen.version, f"ta{number}")
            except Stale:
                return None
            return number

    with ThreadPoolExecutor(6) as pool:
        won = [number for number in pool.map(try_, range(6)) if number is not None]
    assert len(won) == 1
    gradebook.db.expire_all()
    now = of(gradebook, asked, "ada")
    assert (now.score, now.comment, now.by) == (won[0] / 5, f"of {won[0]}", f"ta{won[0]}")


def test_written(gradebook, module, asked):
    shown = written(gradebook, module, asked, "ada")
    assert shown.text.startswith("Answer *0*")
    assert [(row["label"], row["score"], row["points"]) for row in shown.machine] == [
        ("double", 2, 2),
        ("normal", 3, 3),
        ("both", 4, 4),
    ]


def test_an_answer_that_the_scores_are_not_about_is_not_shown(gradebook, module, asked):
    path = module.workspace.root / "autograded/ada/setup/setup_dev.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = "Another answer."
    nbformat.write(notebook, path)
    with pytest.raises(UserError, match=r"ada: what is in autograded/ .* tito grade setup"):
        written(gradebook, module, asked, "ada")


def test_no_such_question(module):
    with pytest.raises(UserError, match="setup has no question 'check_double' that a person grades"):
        manual_question(module, "check_double")
