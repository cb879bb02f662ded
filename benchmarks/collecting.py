"""Collect a class of 500 from one zip, as Moodle makes it: seconds, and the memory of the process.

    python benchmarks/collecting.py          # writes benchmarks/collecting.log

Each student hands in the solved notebook of `tensor`, with outputs, some as a zip with files beside it. Two of them are
hostile: a zip that unpacks to 240 MB, and one whose bytes are damaged.
"""

import io
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from autograder.judging.source import Source
from tito.notebooks import load
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
STUDENTS, MODULE, SECONDS, MEGABYTES = 500, "tensor", 60, 600


def packed(files: dict[str, bytes]) -> bytes:
    """A zip of path → content."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def class_zip(source: Source) -> bytes:
    """The zip that Moodle would give."""
    notebook, files = load(source.path), {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "0.123456789 " * 200}]
    bomb = packed({f"{number}.bin": bytes(40_000_000) for number in range(6)})
    for number in range(STUDENTS):
        folder = f"Student Number{number}_{90000 + number}_assignsubmission_file_"
        notebook["cells"][0]["source"] = f"# The work of {number}"
        content = json.dumps(notebook, indent=1).encode()
        if number == 100:
            files[f"{folder}/work.zip"] = bomb
        elif number == 101:
            files[f"{folder}/work.zip"] = packed({source.path.name: content})[:500] + bytes(500)
        elif number % 3 == 0:
            inner = {f"{MODULE}/{source.path.name}": content, f"{MODULE}/table.csv": b"1,2\n" * 50_000}
            files[f"{folder}/{MODULE}-20261125T101500Z.zip"] = packed(inner)
        else:
            files[f"{folder}/{source.path.name}"] = content
    return packed(files)


def main() -> int:
    """Make the class, collect it, and write down what it took."""
    home = Workspace.find(ROOT)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "course"
        root.mkdir()
        for name in ("course.yml", "nbgrader_config.py", "source", "tinytorch_ref"):
            (root / name).symlink_to(ROOT / name)
        names = [f"s{number},Student,Number{number}" for number in range(STUDENTS)]
        (root / "roster.csv").write_text("\n".join(["id,first_name,last_name", *names]))
        given = root / "class.zip"
        given.write_bytes(class_zip(Source.of(home, MODULE)))
        tito = [sys.executable, "-m", "tito.cli"]
        subprocess.run([*tito, "roster", "import", "roster.csv"], cwd=root, check=True, stdout=subprocess.DEVNULL)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        done = subprocess.run([*tito, "collect", MODULE, "class.zip", "--json"], cwd=root, stdout=subprocess.PIPE)
        seconds = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        rows = json.loads(done.stdout)
        taken = sum(row["text"].startswith("taken") and row["text"] != "taken along" for row in rows)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        size = given.stat().st_size / 1e6
    red = sorted({row["student"] for row in rows if row["trouble"]})
    megabytes = after.ru_maxrss / 1024
    good = taken == STUDENTS - 2 and red == ["s100", "s101"] and seconds < SECONDS and megabytes < MEGABYTES
    text = (
        f"{platform.machine()}, Python {platform.python_version()}, {STUDENTS} students, a zip of {size:.0f} MB\n"
        f"{taken} taken, red: {', '.join(red)}\n"
        f"{seconds:.1f} s (at most {SECONDS}), of these {cpu:.1f} s of CPU\n"
        f"{megabytes:.0f} MB (at most {MEGABYTES})\n"
        f"{'reached' if good else 'MISSED'}\n"
    )
    Path(__file__).with_suffix(".log").write_text(text)
    print(text, end="")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
