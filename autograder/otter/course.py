"""The sealed part of an autograder.zip: a small course for the judge, without any solution of the module.

Its files are on the disk only while no code of a student runs.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.engine.execute import Run
from autograder.judging.expected import expected
from autograder.judging.gradable import unsolved
from autograder.judging.source import Source
from autograder.judging.step import PUBLIC
from tito.workspace import MANIFEST, Workspace

SEALED = "course.zip"
ANSWERS = "answers.json"  # beside it: a submission that is not shut in without a network must not be near them
RECORDED = "recorded.json"
PACKED_AT = (1980, 1, 1, 0, 0, 0)  # the same time for all files, so that equal contents give equal zips


@dataclass(frozen=True)
class Recorded:
    """What the source notebook itself reported in two trusted runs.

    emissions: grade_id → messages, under `seed`
    worded: the same under the seed PUBLIC
    """

    module: str
    seed: int
    emissions: dict[str, list]
    worded: dict[str, list]


def seal(source: Source, seed: int, run: Run) -> bytes:
    """The course as one zip, with what the source notebook reported in `run`, under `seed`."""
    worded = expected(source, PUBLIC).emissions
    recorded = {"module": source.module, "seed": seed, "emissions": run.emissions, "worded": worded}
    return zip_of({**_files(source), RECORDED: json.dumps(recorded).encode()})


def _files(source: Source) -> dict[str, bytes]:
    """The manifest, the module without solutions, and the reference of the modules before it."""
    root = source.workspace.root
    files = {MANIFEST: (root / MANIFEST).read_bytes()}
    for path in source.folder.rglob("*"):  # judges also read files that no student has
        if path.is_file() and path.suffix != ".ipynb" and "__pycache__" not in path.parts:
            files[path.relative_to(root).as_posix()] = path.read_bytes()
    files[source.path.relative_to(root).as_posix()] = nbformat.writes(unsolved(source)).encode()
    for name, content in source.package_files.items():
        if name.startswith("tinytorch/"):
            files[name.replace("tinytorch/", f"{source.workspace.package.name}/", 1)] = content
    return files


@contextmanager
def unsealed(sealed: bytes) -> Iterator[tuple[Source, Recorded]]:
    """The source and its record, with the course's files on the disk while the block runs."""
    with tempfile.TemporaryDirectory(prefix="tinytorch-course-") as folder:
        zipfile.ZipFile(io.BytesIO(sealed)).extractall(folder)
        recorded = Recorded(**json.loads((Path(folder) / RECORDED).read_text(encoding="utf-8")))
        yield Source.of(Workspace.find(Path(folder)), recorded.module), recorded


def zip_of(files: dict[str, bytes]) -> bytes:
    """A zip of `files`, path → content. Equal files give equal zips."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, PACKED_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name in ("run_autograder", "setup.sh") else 0o644) << 16
            made.writestr(entry, content)
    return archive.getvalue()
