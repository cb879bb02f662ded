"""The release of a module: source → tinytorch_ref and release."""

import tempfile
from pathlib import Path

from nbgrader.utils import temp_attrs

from autograder.gradebook import copies, corrections, record
from autograder.gradebook.api import must
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.source import Source
from tito import files
from tito.export import export


def release_one(api, source: Source) -> list[str]:
    """Export one module, and let nbgrader make its student version. Returns the corrections, in words.

    Raises UserError if either fails, or the module can't be graded fairly; then nothing is changed.
    """
    refuse_ungradable(source, record.seed_of(api.coursedir.db_url, source.module, source.version))
    export(
        source.path, source.workspace.export(source.module), source.path.relative_to(source.workspace.root).as_posix()
    )
    changes = corrections.follow(source, api.coursedir.db_url)
    _generate(api, source)
    with api.gradebook as gradebook:
        copies.refresh_due(gradebook, source.workspace, source.module)
    return changes


def _generate(api, source: Source) -> None:
    """Let nbgrader make the student version aside, then put it in place, whole: it removes the last one first."""
    with tempfile.TemporaryDirectory() as aside:
        with temp_attrs(api.coursedir, release_directory=aside):
            must(api.generate_assignment(source.module, force=True, create=True), f"The release of {source.module}")
        made = files.content_of(Path(aside) / source.module)
    files.replace_folder(source.workspace.root / "release" / source.module, made, 0o644)
