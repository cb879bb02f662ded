"""nbgrader's configuration: the stock nbgrader commands grade with this course's judge.

nbgrader goes on without a configuration that raises an exception. It would then run submissions unprotected, and take
each check that only reports for one that holds. So nothing in this file may raise one.
"""

import functools
import os
import sys
from pathlib import Path

from traitlets.log import get_logger

root = Path(__file__).resolve().parent
try:
    from nbgrader import preprocessors
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    from autograder.grading import plugins
    from autograder.handing_back import export, sending
    from autograder.intake import exchange
    from autograder.judging import source
    from autograder.pages import feedback, markdown
    from tito.workspace import Course, UserError
except Exception as error:
    raise SystemExit(
        f"{sys.executable} can't grade this course ({error}). Use the course's own: {root}/.venv"
    ) from None

c = get_config()  # noqa: F821  (nbgrader defines it)

# nbgrader calls `alembic` by name when it makes the gradebook: it lives beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

# This account may also have the nbgrader_config.py of another course. It must not say what marks a solution or a hidden
# check in this one, or where files lie: hidden checks would reach students.
ours = {
    preprocessors.ClearSolutions: None,
    preprocessors.ClearHiddenTests: None,
    preprocessors.ClearMarkScheme: None,
    CourseDirectory: {"directory_structure", "student_id", "student_id_exclude", "notebook_id", "assignment_id"}
    | {f"{station}_directory" for station in ("source", "release", "submitted", "autograded", "feedback", "solution")},
}
for part, names in ours.items():
    for name, trait in part.class_own_traits(config=True).items():
        if names is None or name in names:
            c[part.__name__][name] = trait.default()

c.CourseDirectory.root = str(root)
try:
    c.CourseDirectory.course_id = Course.read(root / "course.yml").course
except UserError as error:  # whatever needs the course will say so, and refuse
    get_logger().error(str(error))
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "feedback", *source.IGNORED]
c.CourseDirectory.db_url = os.environ.get("TINYTORCH_GRADEBOOK", f"sqlite:///{root}/gradebook.db")

# A reflection's rubric stands with its question, so that TAs read both at once.
c.ClearMarkScheme.enforce_metadata = False

# A module that can't be graded fairly is not released.
c.GenerateAssignment.exporter_class = plugins.GradableOnly
c.GenerateAssignment.preprocessors = [*GenerateAssignment.class_traits()["preprocessors"].default(), plugins.DueDates]

# What belongs to the instructor is put back first, before bad metadata can stop anything; the
# student's own outputs stay, they are what feedback shows.
c.Autograde.pre_convert_hook = plugins.adopt_renamed
c.Autograde.post_convert_hook = functools.partial(plugins.note_graded, c.CourseDirectory.db_url)
c.Autograde.sanitize_preprocessors = [
    plugins.RestoreCells,
    preprocessors.DeduplicateIds,
    preprocessors.OverwriteKernelspec,
    preprocessors.OverwriteCells,
    preprocessors.CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    plugins.Execute,
    preprocessors.LimitOutput,
    plugins.SaveAutoGrades,
    plugins.LatePenalties,
    preprocessors.CheckCellMetadata,
]

c.Autograde.exporter_class = plugins.FreshCopies
c.ExportApp.plugin_class = export.Standard
plugins.read_times()

c.GenerateFeedback.exporter_class = feedback.PageExporter
c.GenerateFeedback.force = True  # an older page may show a penalty that holds no more
c.GenerateFeedback.preprocessors = [plugins.RefuseUnrecorded, preprocessors.GetGrades, feedback.StudentView]
c.HTMLExporter.filters = {"safe_markdown": markdown.safe_markdown}
c.HTMLExporter.extra_template_basedirs = [str(feedback.TEMPLATES), str(feedback.FORMGRADERS)]
c.HTMLExporter.extra_template_paths = [str(feedback.FORMGRADERS)]  # what the course's page for formgrader extends
c.ExchangeFactory.collect = exchange.Collect
c.ExchangeFactory.release_feedback = sending.ReleaseFeedback
