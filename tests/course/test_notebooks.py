"""The form of a module: what docs/writing-a-module.md asks for, and a machine can see."""

import ast
import re

import nbformat
from versions import WORKSPACE, all_versions, released

from autograder.handing_out.tidy import normal
from autograder.judging.slips import imported_modules
from autograder.judging.source import HIDDEN, SOLUTION, inside, without
from tito.export import render
from tito.notebooks import check_names, grade_id, is_check, is_manual, points, tags
from tito.uses import modules_imported

ALLOWED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


def solutions(source) -> dict:
    """grade_id → stub cell."""
    return {
        name: cell
        for name, cell in source.named_cells.items()
        if cell.cell_type == "code" and cell.metadata["nbgrader"]["solution"]
    }


def test_committed_form_is_tidy(source):
    assert source.path.read_text(encoding="utf-8") == normal(nbformat.read(source.path, 4)), "run: tito tidy"


def test_reference_is_a_fresh_export(source):
    path = WORKSPACE.export(source.module)
    fresh = render(source.path, source.module, source.path.relative_to(WORKSPACE.root).as_posix())
    assert path.read_text(encoding="utf-8") == fresh, f"run: tito release {source.module}"


def test_needs_are_what_the_notebook_imports(source):
    assert imported_modules(source) == set(WORKSPACE.course.modules[source.module].needs), "course.yml: needs"


def test_its_package_tests_use_what_it_needs(source):
    path = WORKSPACE.tests / f"test_{source.module}.py"
    assert modules_imported(path) <= WORKSPACE.course.closure([source.module])


def test_size_and_title(source):
    first, second = source.notebook.cells[:2]
    assert first.source.startswith(f"# {WORKSPACE.course.modules[source.module].title}\n\n> ")
    assert second.source == f"#| default_exp core.{source.module}"
    assert len(source.notebook.cells) <= 60


def test_a_place_for_a_break_is_in_the_middle(source):
    """One, where two to three fifths of the points are earned; a module of an hour needs none."""
    at = [number for number, cell in enumerate(source.cells) if "a good place for a break" in cell.source]
    earned = [points(cell) if is_check(cell) or is_manual(cell) else 0 for cell in source.cells]
    assert len(at) == (WORKSPACE.course.modules[source.module].minutes > 60)
    assert all(0.4 <= sum(earned[:place]) / sum(earned) <= 0.6 for place in at)


def test_every_stub_is_checked(source):
    missing = {name for name in solutions(source) if f"check_{name}" not in source.check_cells}
    covered = {name for name in missing if any(name in cell.source for cell in source.check_cells.values())}
    assert not missing - covered, "stubs that no graded cell looks at"


def test_solutions_are_short(source):
    for name, cell in solutions(source).items():
        for region in re.findall(r"(?ms)### BEGIN SOLUTION\n(.*?)^\s*### END SOLUTION", cell.source):
            lines = [line for line in region.splitlines() if line.strip() and not line.strip().startswith("#")]
            assert len(lines) <= 12, f"{name}: {len(lines)} lines of solution"
        assert inside(cell.source, SOLUTION).strip(), f"{name} has no solution region"


def test_only_definitions_are_exported(source):
    for cell in source.notebook.cells:
        if cell.cell_type == "code" and re.match(r"#\| export", cell.source):
            strays = [node for node in ast.parse(cell.source).body if not isinstance(node, ALLOWED)]
            assert not strays, f"{cell.id}: exported, but no definition: line {strays[0].lineno}"


def test_public_definitions_have_docstrings(source):
    for cell in source.notebook.cells:
        if cell.cell_type == "code" and re.match(r"#\| export", cell.source):
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith(
                    "_"
                ):
                    assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_two_reflections_with_a_rubric(source):
    manual = [name for name, cell in source.named_cells.items() if is_manual(cell)]
    text = "\n".join(cell.source for cell in source.notebook.cells)
    assert len(manual) == text.count("### BEGIN MARK SCHEME") == (1 if is_small(source) else 2)
    assert not [cell for cell in released(source).cells if "MARK SCHEME" in cell.source]


def test_check_names_are_unique_in_a_cell(source):
    for name, cell in source.check_cells.items():
        names = check_names(cell.source)
        assert len(names) == len(set(names)), f"{name}: {names}"


def test_every_check_cell_shows_something(source):
    for name in source.check_cells:
        assert source.visible_checks(name), f"{name}: a student sees no check at all"


def test_what_students_see_of_a_check_is_read_in_half_a_minute(source):
    for name, cell in source.check_cells.items():
        lines = [line for line in without(cell.source, HIDDEN).splitlines() if line.strip()]
        assert len(lines) <= 30, f"{name}: students see {len(lines)} lines"


def test_a_page_can_name_each_visible_check(source):
    """A page names the checks whose names stand in the text as they are; others would count as hidden ones."""
    for name, cell in source.check_cells.items():
        calls = [node for node in ast.walk(ast.parse(without(cell.source, HIDDEN))) if isinstance(node, ast.Call)]
        made = [
            node for node in calls if re.fullmatch(r"checks\.(close|equal|raises|reference)", ast.unparse(node.func))
        ]
        assert all(isinstance(node.args[0], ast.Constant) for node in made), name


def test_release_holds_no_secret(source):
    text = nbformat.writes(released(source))
    assert "BEGIN SOLUTION" not in text
    assert "HIDDEN" not in text
    assert "judge(" not in text


def test_release_says_what_is_missing(source):
    """An untouched release runs: its stubs can be defined, its checks fail with a reason."""
    for cell in released(source).cells:
        if cell.cell_type == "code" and "explore" not in tags(cell) and not is_check(cell):
            compile(cell.source, cell.id, "exec")


def is_small(source) -> bool:
    """Whether a module is held to the lighter tier of docs/writing-a-module.md."""
    return len(solutions(source)) <= 2


def test_five_wrong_versions_of_every_stub(source):
    found = [{name.partition(".")[0] for name in version.cells} for version in all_versions(source.module, "wrong")]
    count = {name: sum(name in cells for cells in found) for name in solutions(source)}
    assert {name: n for name, n in count.items() if n < (2 if is_small(source) else 5)} == {}


def test_enough_right_versions(source):
    found = all_versions(source.module, "right")
    assert len(found) >= (1 if is_small(source) else 3)
    whole = [version for version in found if set(version.cells) >= set(solutions(source))]
    assert whole, "no right version was written from the whole release"


def test_ids_follow_grade_ids(source):
    for cell in source.notebook.cells:
        assert grade_id(cell) in (None, cell.id)
