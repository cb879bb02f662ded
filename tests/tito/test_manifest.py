"""term.yml over course.yml: what is the instructor's own, and what students may know of it."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tito.manifest import for_students, over_course, term_between
from tito.workspace import Course, UserError, Workspace

COURSE = """\
course: tiny
title: Tiny
repository: Tiny
limits: {cell_seconds: 20}
modules:
  - {name: setup, title: Setup, goal: Begin, minutes: 30, due: null}
  - {name: tensor, title: Tensor, goal: Go on, prerequisites: [setup], minutes: 60, limits: {cell_seconds: 5}}
  - {name: mlp, title: MLP, goal: Train, prerequisites: [tensor], needs: [tensor], minutes: 90, milestone: mnist}
  - {name: cnn, title: CNN, goal: See, prerequisites: [mlp], needs: [tensor, mlp], minutes: 90, milestone: cifar10}
  - {name: autograd, title: Autograd, goal: By itself, prerequisites: [cnn], needs: [cnn], minutes: 90}
"""


@pytest.fixture
def read(tmp_path):
    """A function that reads the course with a term.yml of this text."""

    def read(term: str | bytes) -> Course:
        (tmp_path / "course.yml").write_text(COURSE)
        (tmp_path / "term.yml").write_bytes(term.encode() if isinstance(term, str) else term)
        return Course.read(tmp_path / "course.yml")

    return read


def test_term_yml_is_laid_over(read):
    course = read(
        "title: ML 101\ninstitution: TU X\ntimezone: Europe/Berlin\nlate: {percent_per_day: 10}\n"
        "limits: {memory_mb: 512}\n"
        "modules:\n  setup: {due: 2027-02-01 23:59}\n  tensor: {limits: {memory_mb: 99}}\n"
    )
    assert (course.title, course.institution, course.late) == ("ML 101", "TU X", {"percent_per_day": 10})
    assert course.modules["setup"].due.isoformat() == "2027-02-01T23:59:00+01:00"
    assert course.modules["setup"].title == "Setup"
    assert (course.limits_of("tensor").cell_seconds, course.limits_of("tensor").memory_mb) == (5, 99)
    assert (course.limits_of("mlp").cell_seconds, course.limits_of("mlp").memory_mb) == (20, 512)


def test_an_empty_term_yml_changes_nothing(read):
    assert list(read("# mine\n").modules) == ["setup", "tensor", "mlp", "cnn", "autograd"]


def test_a_module_of_ones_own_has_its_place_and_number(read):
    course = read("modules:\n  rnn: {title: RNN, goal: Remember, minutes: 60, needs: [mlp], after: mlp}\n")
    assert [(row.number, row.name) for row in course.modules.values()][3:5] == [(3, "rnn"), (4, "cnn")]


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("titel: x", "term.yml: there is no key 'titel'. Did you mean title?"),
        ("password: x", "term.yml: there is no key 'password'. The keys: course, title"),
        ("hidden: [mlp]", "there is no key 'hidden'"),
        ("modules: {setup: {duo: x}}", "module setup: there is no key 'duo'. Did you mean due?"),
        ("modules: {setup: {number: 3}}", "module setup: there is no key 'number'"),
        ("modules: {setup: 3}", "module setup must be like"),
        ("modules: [setup]", "modules must be like"),
        ("modules: {rnn: {title: RNN}}", "module rnn has no goal, minutes"),
        ("modules: {setup: {after: mlp}}", "`after` is for a module of your own"),
        ("modules: {rnn: {title: R, goal: R, minutes: 1, after: x}}", "there is no module 'x' before it"),
        ("modules: {rnn: {title: R, goal: R, minutes: 1, needs: [x]}}", "module rnn needs x, which is no module"),
        ("modules: {mlp: {state: gone}}", "state of mlp must be one of taught, draft, given, elective, hidden"),
        ("title: a\ntitle: b", "title stands there twice, in line 2"),
        ("modules:\n  mlp: {due: null}\n  mlp: {state: given}", "mlp stands there twice"),
        ("- a", "a mapping was expected"),
        ("a: [", "term.yml can't be read"),
        ("course: 101", "term.yml: course must be a text (in quotes, where YAML reads it as something else), not 101"),
        ("course: a/b", "term.yml: course must be the name of a folder, not 'a/b'"),
        ("repository: ../x", "term.yml: repository must be the name of a folder, not '../x'"),
        ("repository: ' '", "repository must be the name of a folder"),
        ("title:", "title must be a text (in quotes, where YAML reads it as something else), not nothing"),
        ("title: 2027-02-01", "title must be a text"),
        ("limits:", "limits must be a mapping, such as {cell_seconds: 20}, not nothing"),
        ("timezone: 5", "timezone must be a text"),
        ("timezone: Berlin", "course.yml, with term.yml over it: timezone: 'Berlin' is no time zone"),
        ("modules: {mlp: {needs: tensor}}", "module mlp: needs must be a list, such as [setup, tensor], not 'tensor'"),
        ("modules: {mlp: {needs: [3]}}", "module mlp: needs must be a list"),
        ("modules: {mlp: {prerequisites: null}}", "module mlp: prerequisites must be a list"),
        ("modules: {mlp: {minutes: many}}", "module mlp: minutes must be a whole number, not 'many'"),
        ("modules: {stup: {due: null}}", "module stup has no title, goal, minutes, and stands in no other file. Did"),
        ("modules: {5: {due: null}}", "5 can't be the name of a module"),
        ("modules: {../x: {title: R, goal: R, minutes: 1}}", "'../x' can't be the name of a module"),
    ],
)
def test_what_is_refused_by_name(read, term, said):
    with pytest.raises(UserError, match=re.escape(said)):
        read(term)


def test_a_file_in_another_encoding_is_named(read):
    with pytest.raises(UserError, match=r"term.yml can't be read as .*: it is not UTF-8\. Save it as UTF-8"):
        read("title: Übung".encode("latin-1"))


def test_hidden_modules_are_none_of_the_courses(read):
    course = read("modules:\n  tensor: {state: hidden}\n  cnn: {state: hidden}\n")
    assert {row.name: row.number for row in course.modules.values()} == {"setup": 0, "mlp": 1, "autograd": 2}
    assert course.modules["autograd"].prerequisites == ["mlp"], "what came before what is hidden"
    assert course.modules["mlp"].prerequisites == ["setup"]
    assert [gap.partition(":")[0] for gap in course.gaps()] == [
        "mlp needs tensor, whose state is hidden",
        "autograd needs cnn, whose state is hidden",
    ]


def test_a_given_module_closes_a_gap_and_has_no_milestone(read):
    course = read("modules:\n  cnn: {state: given}\n")
    assert course.gaps() == []
    assert (course.modules["cnn"].milestone, course.modules["mlp"].milestone) == (None, "mnist")
    assert course.closure(["autograd"]) == {"autograd", "cnn", "mlp", "tensor"}
    assert read("modules: {cnn: {state: draft}}").gaps()[0].startswith("autograd needs cnn, whose state is draft")


def test_an_elective_is_there_for_whoever_names_it_and_students_never_hear_of_it(read):
    course = read("modules:\n  mlp: {state: elective}\n")
    assert course.modules["mlp"].state == "elective"
    numbers = {row.name: row.number for row in course.modules.values() if row.state == "taught"}
    assert numbers == {"setup": 0, "tensor": 1, "cnn": 2, "autograd": 3}, "as students count"
    assert [gap.partition(":")[0] for gap in course.gaps()] == ["cnn needs mlp, whose state is elective"]
    content = yaml.safe_load(COURSE)
    content["modules"][2] |= {"state": "elective"}
    shown = for_students(content)["modules"]
    assert [row["name"] for row in shown] == ["setup", "tensor", "cnn", "autograd"]
    assert shown[2]["prerequisites"] == ["tensor"], "what came before what is left out"


def test_students_see_allowed_keys_only():
    content = yaml.safe_load(COURSE) | {"late": {"percent_per_day": 10}, "anything": "else"}
    content["modules"][1] |= {"extra_credit": 1, "state": "hidden"}
    shown = for_students(content)
    assert set(shown) == {"course", "title", "repository", "limits", "modules"}
    assert [row["name"] for row in shown["modules"]] == ["setup", "mlp", "cnn", "autograd"]


VALUES = st.sampled_from([None, 1, "x", {"a": 1}, {"b": {"c": 2}}])
CHANGES = st.fixed_dictionaries({}, optional={name: VALUES for name in ("title", "late", "limits", "timezone")})
ROWS = st.dictionaries(st.sampled_from(["setup", "mlp", "rnn", "gnn"]), st.dictionaries(st.just("due"), VALUES))


@settings(max_examples=60, deadline=None)
@given(CHANGES, ROWS)
def test_the_difference_of_an_edited_course_yml_makes_it_again(changes, rows):
    course = yaml.safe_load(COURSE)
    own = over_course(course, {**changes, "modules": rows})
    assert over_course(course, term_between(course, own)) == own


def test_no_term_yml_removes_a_module():
    course = yaml.safe_load(COURSE)
    with pytest.raises(ValueError, match="removed"):
        term_between(course, {**course, "modules": course["modules"][1:]})


def test_the_workspace_reads_it(home):
    (home / "term.yml").write_text("title: Mine\n")
    assert Workspace.find(home.root).course.title == "Mine"


@pytest.mark.parametrize("text", ['"ML\\n101"', "|\n  ML\n  101\n", ">-\n  ML\n  101", '"ML\\u2028101"'])
def test_a_text_is_one_line_however_yaml_writes_it(read, text):
    """A title is a part of a comment, of a heading, of a table."""
    assert read(f"title: {text}").title == "ML 101"
    own = text.replace("\n", "\n    ")
    assert read(f"modules:\n  setup:\n    goal: {own}").modules["setup"].goal == "ML 101"


@pytest.mark.parametrize("name", ["otter", "feedback", "provisional", "site", "report.html"])
def test_the_students_workspace_is_no_folder_with_other_things(read, name):
    """`tito kit` commits all that lies in the workspace: autograders with hidden tests, pages of students."""
    with pytest.raises(UserError, match=f"term.yml: repository can't be {name}: dist/{name} is for something else"):
        read(f"repository: {name}")
