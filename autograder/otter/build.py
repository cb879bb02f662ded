"""Make dist/otter/<module>: autograder.zip for the grader, and student/ to hand out."""

import json
import os
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
from otter.generate import main as otter_generate
from otter.run import AutograderConfig

import autograder
import tito
from autograder.engine.execute import Run
from autograder.gradebook import record
from autograder.judging.expected import expected
from autograder.judging.following import course_answers
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.source import Source
from autograder.otter import results
from autograder.otter.course import ANSWERS, SEALED, seal, zip_of
from autograder.otter.gradescope import ZEROS, with_tests
from autograder.otter.plugin import NAME
from autograder.otter.testfiles import test_file
from tito.notebooks import read
from tito.workspace import UserError, Workspace

RUN_OTTER = '''\
"""Gradescope's run_autograder runs this."""

import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    shutil.copy(HERE / "zeros.json", HERE.parent / "results" / "results.json")  # in case not even the imports succeed
    from autograder.otter.gradescope import grade_folder

    grade_folder(HERE.parent)
'''
SETUP = """\
#!/bin/sh
# Gradescope runs this once, when it makes the image: Python, otter, the judge, and what notebooks import; no browser,
# no LaTeX, no conda. OTTER_ENV is where the environment is made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=${OTTER_ENV:-/opt/otter-env}
if ! python3 -c "import ensurepip, venv" 2>/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates
fi
python3 -m venv "$place-uv"
"$place-uv/bin/python" -m pip install --quiet --no-deps --require-hashes -r "$here/uv.txt"
"$place-uv/bin/uv" venv --quiet --python PYTHON "$place"  # it fetches this Python where the machine has another one
"$place-uv/bin/uv" pip install --quiet --python "$place" --no-deps --require-hashes -r "$here/requirements.txt"
cp -r "$here/CODE/." "$("$place/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")"
"""
RUN = """\
#!/bin/sh
exec "${OTTER_ENV:-/opt/otter-env}/bin/python" AUTOGRADER/source/run_otter.py
"""
CODE = "code"
CONFIG = {"plugins": [NAME], "lang": "python", "logo": False, "print_summary": True}
PINS = Path(__file__).with_name("requirements.txt")
ALL_PINS = Path(autograder.__file__).parents[1] / "requirements.txt"
NOT_FINISHED = "was not run: the autograder did not finish"


def otter_folder(workspace: Workspace, module: str) -> Path:
    """The folder of a module in dist/otter/."""
    return workspace.root / "dist" / "otter" / module


def build_otter(source: Source, db_url: str) -> Path:
    """Make one module's folder, and return it.

    Raises UserError if the module in source/ is not as released, or can't be graded fairly.
    """
    record.refuse_if_changed(source, db_url)
    seed = record.seed_of(db_url, source.module, source.version)
    refuse_ungradable(source, seed)
    target = otter_folder(source.workspace, source.module)
    if target.exists():
        shutil.rmtree(target)
    _hand_out(source, target / "student")
    (target / "autograder.zip").write_bytes(autograder_zip(source, seed, expected(source, seed)))
    return target


def _hand_out(source: Source, target: Path) -> None:
    """Write the released module to `target`, with test files in which otter finds the visible checks."""
    released = source.workspace.root / "release" / source.module
    if not (released / source.path.name).is_file():
        raise UserError(f"{source.module} was not released yet. First: tito release {source.module}")
    shutil.copytree(released, target)
    nbformat.write(with_tests(read(released / source.path.name), source), target / source.path.name)
    (target / "tests").mkdir()
    for name in source.check_cells:
        (target / "tests" / f"{name}.py").write_text(test_file(source, name, hidden=False), encoding="utf-8")


def autograder_zip(source: Source, seed: int, recorded: Run) -> bytes:
    """The zip that `otter generate` makes, with the course's judge and all that it needs.

    recorded: what the source notebook itself reported under `seed`
    """
    zeros = results.gradescope(results.zeros(source, NOT_FINISHED))
    python = ".".join(map(str, sys.version_info[:2]))
    return zip_of(
        _generated(source)
        | _code()
        | {
            "setup.sh": SETUP.replace("PYTHON", python).replace("CODE", CODE).encode(),
            "run_autograder": RUN.replace("AUTOGRADER", AutograderConfig().autograder_dir).encode(),
            "requirements.txt": PINS.read_bytes(),
            "uv.txt": _pin_of("uv"),
            "run_otter.py": RUN_OTTER.encode(),
            ZEROS: json.dumps(zeros, indent=2).encode(),
            SEALED: seal(source, seed, recorded),
            ANSWERS: json.dumps(course_answers(source) if source.follow_through else {}).encode(),
        }
    )


def _generated(source: Source) -> dict[str, bytes]:
    """The files of otter's own zip without its environment: configuration, and a test file for each graded cell."""
    with tempfile.TemporaryDirectory() as home:
        tests, config, archive = (Path(home) / name for name in ("tests", "otter_config.json", "autograder.zip"))
        tests.mkdir()
        for name in source.check_cells:
            (tests / f"{name}.py").write_text(test_file(source, name), encoding="utf-8")
        config.write_text(json.dumps(CONFIG), encoding="utf-8")
        otter_generate(
            tests_dir=str(tests),
            output_path=str(archive),
            config=str(config),
            no_environment=True,
        )
        with zipfile.ZipFile(archive) as made:
            return {name: made.read(name) for name in made.namelist() if name != "environment.yml"}


def _pin_of(package: str) -> bytes:
    """The lines of the course's requirements that pin a package."""
    found = re.search(rf"(?m)^{package}==.*(?:\n    --hash=.*)+", ALL_PINS.read_text(encoding="utf-8"))
    if not found:
        raise UserError(f"{ALL_PINS} has no pin of {package}: make requirements")
    return f"{found[0].rstrip(chr(92) + ' ')}\n".encode()


def _code() -> dict[str, bytes]:
    """The files of the grader and the checks, which grade for nbgrader, too."""
    found = {}
    for package in (autograder, tito):
        root = Path(package.__path__[0])
        for path in root.rglob("*.py"):
            found[os.path.join(CODE, root.name, path.relative_to(root))] = path.read_bytes()
    return found
