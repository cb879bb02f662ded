"""An autograder.zip where Gradescope would build it: in a fresh Debian, laid out as /autograder.

    python benchmarks/gradescope_setup.py FOLDER [MODULE] [SUITE]      # as root, on Linux; debootstrap fills FOLDER

The module is `setup` unless another one is named, and Debian's suite the one whose Python is this course's. setup.sh of
the zip runs there against the package index, then run_autograder on submissions of the simulated class: each
results.json has to be valid, and its score the one that is due. Exit code 1 otherwise. Printed lines:
gradescope_setup.log.
"""

import json
import resource
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jsonschema

from autograder.demo.course import fresh_course
from autograder.demo.simulate import HandIn, Simulation
from autograder.gradebook.api import nbgrader_api
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from autograder.otter.build import build_otter
from autograder.otter.gradescope import lay_out
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
IMAGE = runpy.run_path(str(ROOT / "tests" / "image.py"))
SCHEMA = json.loads((ROOT / "tests/autograder/otter/gradescope_results.schema.json").read_text(encoding="utf-8"))
SUITES = {(3, 11): "bookworm", (3, 13): "trixie"}
STUDENTS = (
    "ada",
    "bert",
    "kim",
    "ole",
)  # all right, a wrong version, a graded cell deleted, a notebook that is cut off
CERTIFICATES = "opt/certificates.pem"  # this machine's, where Debian's package of certificates does not lay its own
READ_BY = ("PIP_CERT", "SSL_CERT_FILE")
METADATA = {"id": 1, "created_at": "2026-11-23T14:22:32.365935-07:00", "users": [], "previous_submissions": []}


def build(folder: Path, module: str) -> tuple[Path, list[HandIn]]:
    """A module's autograder.zip, and what students hand in."""
    course = fresh_course(Workspace.find(ROOT), folder)
    source = Source.of(course, module)
    with nbgrader_api(course) as api:
        release_one(api, source)
        made = build_otter(source, api.coursedir.db_url)
    release = course.root / "release" / module / source.path.name
    handed_in = Simulation(source, release, ROOT / "tests" / "course" / "versions").submissions()
    return made / "autograder.zip", [one for one in handed_in if one.student in STUDENTS]


def set_up(image, archive: Path) -> str:
    """Run setup.sh of the zip as Gradescope does when it builds its image. Returns what that takes."""
    place = image.root / "autograder"
    for made_before in (place, *image.root.glob("opt/otter-env*")):
        shutil.rmtree(made_before, ignore_errors=True)
    (place / "submission").mkdir(parents=True)
    shutil.unpack_archive(archive, place / "source")
    before, began, worked = _megabytes(image.root), time.monotonic(), _seconds()
    image.run("env", *(f"{name}=/{CERTIFICATES}" for name in READ_BY), "sh", "/autograder/source/setup.sh")
    took = f"{time.monotonic() - began:.0f} s, {_seconds() - worked:.0f} s of CPU"
    return f"{took}; Debian {before} MB, with the set-up {_megabytes(image.root)} MB"


def _megabytes(root: Path) -> int:
    return int(subprocess.check_output(["du", "-sxm", root], text=True).split()[0])


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def grade(image, archive: Path, one: HandIn) -> bool:
    """Whether run_autograder writes valid results with the score that is due."""
    place = image.root / "autograder"
    shutil.rmtree(place)
    with tempfile.TemporaryDirectory() as handed_in:
        Path(handed_in, one.file).write_text(one.text, encoding="utf-8")
        lay_out(archive, Path(handed_in), place, METADATA)
    shutil.copy(place / "source" / "run_autograder", place)
    began = time.monotonic()
    said = image.run("sh", "-c", "chmod +x /autograder/run_autograder && /autograder/run_autograder 2>&1")
    found = json.loads((place / "results" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, SCHEMA)
    score = None if found.get("output", "").startswith("Not graded: ") else found["score"]
    due = one.is_due(score)
    print(
        f"  {one.what}: {found['score']:g} points{'' if due else f', NOT {one.due}'}, {time.monotonic() - began:.0f} s"
    )
    if not due:
        print(said)
    return due


def main(folder: str, module: str = "setup", suite: str = SUITES.get(sys.version_info[:2], "trixie")) -> int:
    """Build the image in a folder, and grade there. Returns the exit code."""
    root = Path(folder).resolve()
    if not (root / "usr").exists():
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(root)], check=True, stdout=subprocess.DEVNULL)
    image = IMAGE["Image"](root)
    image.reach_the_index()
    shutil.copy(IMAGE["CERTIFICATES"], root / CERTIFICATES)
    with tempfile.TemporaryDirectory() as course:
        archive, handed_in = build(Path(course) / "course", module)
        print(f"{module}, a zip of {archive.stat().st_size / 1e6:.1f} MB, in {suite}", flush=True)
        print(f"setup.sh: {set_up(image, archive)}", flush=True)
        right = [grade(image, archive, one) for one in handed_in]
    print(f"{sum(right)} of {len(right)} valid, with the score that is due")
    return 0 if all(right) and len(right) == len(STUDENTS) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
