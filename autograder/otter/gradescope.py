"""What `run_autograder` does: write results with nothing earned, run otter, and say what went wrong.

Gradescope's folder /autograder holds source/ (the unpacked zip), submission/, submission_metadata.json and results/.
"""

import contextlib
import json
import shutil
import traceback
import zipfile
from pathlib import Path

from autograder.intake.submitted import adopt, refuse_unreadable
from autograder.judging.cells import mend
from autograder.judging.source import HIDDEN, Source, without
from autograder.otter.course import SEALED, unsealed
from autograder.otter.testfiles import OTTER
from tito.files import write
from tito.notebooks import is_check, read
from tito.workspace import UserError

ZEROS = "zeros.json"
NOT_GRADED = "Not graded: "


def grade_folder(root: Path) -> None:
    """Grade the submission in `root`, a folder like Gradescope's /autograder.

    It writes complete results at the start, with nothing earned. They stay valid, whatever happens later.
    """
    zeros = json.loads((root / "source" / ZEROS).read_text(encoding="utf-8"))
    results = root / "results" / "results.json"
    write(results, json.dumps(zeros, indent=2))
    try:
        make_gradable(root / "submission", (root / "source" / SEALED).read_bytes())
        _run_otter(root)
    except UserError as error:
        why = str(error).replace(f"{root / 'submission'}/", "")
        write(results, json.dumps({**zeros, "output": NOT_GRADED + why}, indent=2))
    except BaseException as error:
        traceback.print_exc()  # for the instructor: students never see standard output
        sorry = f"The autograder could not finish ({type(error).__name__}). Please tell your instructor."
        write(results, json.dumps({**zeros, "output": sorry}, indent=2))


def _run_otter(root: Path) -> None:
    from otter.run.run_autograder import main

    main(str(root))


def make_gradable(folder: Path, sealed: bytes) -> None:
    """Make one well-formed notebook of whatever was handed in. Raises UserError if there is none."""
    refuse_unreadable(folder)
    _lift(folder)
    with unsealed(sealed) as (source, _):
        adopt(source, folder)
        notebook = with_tests(mend(read(folder / source.path.name), source)[0], source)
    for cell in filter(is_check, notebook.cells):  # no file in the student's folder may hold hidden text
        cell.source = without(cell.source, HIDDEN)
    for path in folder.glob("*.ipynb"):
        path.unlink()
    write(folder / source.path.name, json.dumps(notebook))


def _lift(folder: Path) -> None:
    """Copy a submission from a folder below, as in a zip of `tito submit`, to `folder`, where otter looks."""
    notebooks = sorted(folder.rglob("*.ipynb"), key=lambda path: len(path.parts))
    if notebooks and notebooks[0].parent != folder:
        shutil.copytree(notebooks[0].parent, folder, dirs_exist_ok=True)


def with_tests(notebook, source: Source):
    """The notebook itself, with each test named at its cell: there otter runs it, before later cells change names."""
    for cell in notebook.cells:
        if is_check(cell) and cell.metadata.nbgrader.grade_id in source.check_cells:
            cell.metadata[OTTER] = {"tests": [cell.metadata.nbgrader.grade_id]}
    return notebook


def grade_as_gradescope(autograder: Path, submission: Path, root: Path, metadata: dict | None = None) -> dict:
    """Grade the folder `submission` as Gradescope would; the content of results.json.

    autograder: the zip
    root: an empty folder to work in
    metadata: of the submission, as Gradescope writes it
    """
    lay_out(autograder, submission, root, metadata or {})
    said = (root / "results" / "stdout").open("w", encoding="utf-8")
    with said, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        grade_folder(root)
    return json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))


def lay_out(autograder: Path, submission: Path, root: Path, metadata: dict) -> None:
    """Make Gradescope's folders in `root`: the unpacked zip, the submission, its metadata, and a place for results."""
    with zipfile.ZipFile(autograder) as archive:
        archive.extractall(root / "source")
    shutil.copytree(submission, root / "submission", symlinks=True)
    (root / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    (root / "results").mkdir()


def scores(results: dict) -> dict[str, float]:
    """grade_id → score of the automatically graded cells in a results.json."""
    return {test["name"]: test["score"] for test in results["tests"] if "score" in test}
