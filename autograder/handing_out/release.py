"""The release of a module: source → tinytorch_ref and release."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from autograder.gradebook import copies, corrections, record
from autograder.gradebook.api import must
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.source import Source
from tito.export import export
from tito.workspace import UserError


def release_one(api, source: Source) -> list[str]:
    """Export one module, and let nbgrader make its student version. Returns the corrections, in words.

    Raises UserError if either fails, or the module can't be graded fairly; then nothing is changed.
    """
    refuse_ungradable(source, record.seed_of(api.coursedir.db_url, source.module, source.version))
    export(
        source.path, source.workspace.export(source.module), source.path.relative_to(source.workspace.root).as_posix()
    )
    changes = corrections.follow(source, api.coursedir.db_url)
    with _kept_on_failure(source.workspace.root / "release" / source.module):
        must(api.generate_assignment(source.module, force=True, create=True), f"The release of {source.module}")
    with api.gradebook as gradebook:
        copies.refresh_due(gradebook, source.workspace, source.module)
    return changes


@contextmanager
def _kept_on_failure(folder: Path):
    """Keep the last release if the block fails: nbgrader removes it before it makes the next."""
    with tempfile.TemporaryDirectory() as aside:
        if folder.is_dir():
            shutil.copytree(folder, Path(aside) / "kept")
        try:
            yield
        except UserError:
            if (Path(aside) / "kept").is_dir():
                shutil.copytree(Path(aside) / "kept", folder, dirs_exist_ok=True)
            raise
