"""What the course uses of nbgrader, otter, nbdev, IPython, jupyter_client and nbconvert beyond their public APIs.

A new version may change any of it without a word. Where a test here fails, its name says what changed; the file that
uses it is in the test's id or message.
"""

import ast
import importlib
import inspect
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("nbgrader", "otter", "nbdev", "IPython", "ipykernel", "jupyter_client", "nbconvert", "nbclient")


def imported() -> list:
    """Each name that is imported from one of the libraries, with the file that does."""
    found = {}
    for path in [*ROOT.glob("tito/**/*.py"), *ROOT.glob("autograder/**/*.py"), ROOT / "nbgrader_config.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in LIBRARIES:
                for one in node.names:
                    found.setdefault((node.module, one.name), path.relative_to(ROOT).as_posix())
    return [pytest.param(*name, id=f"{name[0]}.{name[1]}-{where}") for name, where in sorted(found.items())]


@pytest.mark.parametrize(("module", "name"), imported())
def test_a_name_is_where_it_was(module, name):
    there = importlib.import_module(module)
    assert hasattr(there, name) or importlib.import_module(f"{module}.{name}")


def columns(table: str) -> set[str]:
    from nbgrader import api

    return set(getattr(api, table).__table__.columns.keys())


@pytest.mark.parametrize(
    ("table", "used"),
    [
        ("Grade", {"auto_score", "manual_score", "extra_credit", "needs_manual_grade", "cell_id", "notebook_id"}),
        ("Comment", {"auto_comment", "manual_comment"}),
        ("SubmittedAssignment", {"timestamp", "extension", "assignment_id", "student_id"}),
        ("Assignment", {"name", "duedate", "course_id"}),
        ("Student", {"id", "first_name", "last_name", "email", "lms_user_id"}),
    ],
)
def test_nbgraders_tables_have_their_columns(table, used):
    assert used <= columns(table)


def test_nbgraders_schema_is_the_one_that_the_courses_tables_stand_beside():
    from nbgrader.api import get_alembic_version

    assert isinstance(get_alembic_version(), str)


def test_nbgraders_steps_take_the_courses_plugins():
    from nbgrader.apps import ExportApp
    from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
    from nbgrader.exchange import ExchangeFactory

    hooks = {"pre_convert_hook", "post_convert_hook", "exporter_class"}
    assert hooks | {"sanitize_preprocessors", "autograde_preprocessors"} <= set(Autograde.class_traits())
    assert {"preprocessors", "exporter_class", "no_database"} <= set(GenerateAssignment.class_traits())
    assert {"preprocessors", "exporter_class", "force"} <= set(GenerateFeedback.class_traits())
    assert {"collect", "release_feedback"} <= set(ExchangeFactory.class_traits())
    assert "plugin_class" in ExportApp.class_traits()


def test_nbgraders_exchange_has_the_steps_that_the_course_replaces():
    from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback

    assert "_sort_by_timestamp(" in inspect.getsource(ExchangeCollect.init_src)
    assert "before_duedate" in inspect.getsource(ExchangeCollect.init_src)
    sends = inspect.getsource(ExchangeReleaseFeedback.copy_files)
    assert "student_id_exclude" in sends
    assert "submission_secret.txt" in sends


def test_formgraders_page_has_the_field_that_the_course_locks():
    from autograder.pages.feedback import FORMGRADERS

    text = "".join(path.read_text(encoding="utf-8") for path in FORMGRADERS.rglob("*.j2"))
    text += "".join(path.read_text(encoding="utf-8") for path in FORMGRADERS.rglob("*.tpl"))
    assert '<input class="extra-credit tabbable"' in text


def test_otter_grades_through_the_function_that_the_plugin_replaces():
    from otter.run.run_autograder.runners import python_runner

    assert "grade_notebook(" in inspect.getsource(python_runner.PythonRunner)
    assert callable(python_runner.grade_notebook)


def test_otters_results_have_the_parts_that_the_course_fills():
    from otter.test_files import GradingResults, TestCase
    from otter.test_files.abstract_test import TestCaseResult

    assert {"name", "body", "hidden", "points"} <= set(inspect.signature(TestCase).parameters)
    assert {"test_case", "message", "passed"} <= set(inspect.signature(TestCaseResult).parameters)
    assert {"to_gradescope_dict", "to_report_str"} <= set(dir(GradingResults))


def test_nbdevs_export_has_the_lines_that_the_course_takes_out(tmp_path):
    from nbdev.export import nb_export

    from tito.export import BANNER, EDIT

    cells = ["#| default_exp core.tiny", "#| export\ndef one():\n    return 1", "#| export\ndef two():\n    return 2"]
    made = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text} for i, text in enumerate(cells)]
    for cell in made:
        cell |= {"outputs": [], "execution_count": None}
    notebook = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "exported.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    nb_export(str(tmp_path / "exported.ipynb"), lib_path=str(tmp_path / "tinytorch"))
    text = (tmp_path / "tinytorch" / "core" / "tiny.py").read_text(encoding="utf-8")
    assert EDIT.search(text)
    assert len(BANNER.findall(text)) == 3
    assert "\n__all__ = ['one', 'two']\n" in text


def test_ipython_shows_an_exception_as_the_exception_says_and_runs_cells_as_the_engine_does():
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

    assert "_render_traceback_" in inspect.getsource(InteractiveShell.showtraceback)
    assert {"raw_cell", "store_history", "silent"} <= set(inspect.signature(InteractiveShell.run_cell).parameters)
    assert {"error_before_exec", "error_in_exec"} <= set(dir(ExecutionResult(None)))
    assert "self.display_pub = " in inspect.getsource(InteractiveShell.init_display_pub)


def test_jupyter_clients_provisioner_asks_nothing_more_than_the_course_has():
    from autograder.engine.kernel import Provisioner

    assert getattr(Provisioner, "__abstractmethods__", frozenset()) == frozenset()


def test_nbconverts_markdown_has_the_rules_that_the_course_replaces():
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MathInlineParser

    assert "inline_math_tex" in MathInlineParser.SPECIFICATION
    for name in ("_src_to_base64", "_embed_image_or_attachment", "inline_math", "block_math", "latex_environment"):
        assert name in dir(IPythonRenderer)
