"""The release of a module: source → tinytorch_ref and release."""

import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from autograder.gradebook import corrections, record
from autograder.gradebook.api import must
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.source import Source
from tito.export import export
from tito.workspace import UserError


def release_one(api, source: Source) -> list[str]:
    """Export one module and let nbgrader make its student version; what was corrected in it for those who handed in.

    Raises UserError if either fails, or the module can't be graded fairly; then nothing is changed.
    """
    refuse_ungradable(source, record.seed_of(api.coursedir.db_url, source.module, source.version))
    export(
        source.path, source.workspace.export(source.module), source.path.relative_to(source.workspace.root).as_posix()
    )
    changes = corrections.follow(source, api.coursedir.db_url)
    with _kept_on_failure(source.workspace.root / "release" / source.module):
        must(api.generate_assignment(source.module, force=True, create=True), f"The release of {source.module}")
    due = source.workspace.course.modules[source.module].due
    due = due and due.astimezone(UTC).replace(tzinfo=None)  # as nbgrader keeps times
    with api.gradebook as gradebook:
        gradebook.update_or_create_assignment(source.module, duedate=due)
    return changes


@contextmanager
def _kept_on_failure(folder: Path):
    """nbgrader removes the last release before it makes the next, and leaves nothing if that fails."""
    with tempfile.TemporaryDirectory() as aside:
        if folder.is_dir():
            shutil.copytree(folder, Path(aside) / "kept")
        try:
            yield
        except UserError:
            if (Path(aside) / "kept").is_dir():
                shutil.copytree(Path(aside) / "kept", folder, dirs_exist_ok=True)
            raise
