"""What the image for instructors holds (Containerfile, .dockerignore). image.py builds it, which takes minutes."""

import runpy
import subprocess
from pathlib import Path

IMAGE = runpy.run_path(str(Path(__file__).with_name("image.py")))
ROOT, instructions, taken = IMAGE["ROOT"], IMAGE["instructions"], IMAGE["taken"]

PRIVATE = """
.git/config .venv/bin/python student/.venv/bin/python submitted/ada/setup/setup_dev.ipynb gradebook.db gradebook.db-wal
autograded/ada/x feedback/ada/x roster.csv accommodations.yml .tito/state source/setup/.ipynb_checkpoints/x
tito/__pycache__/x.pyc .cache/expected/x demo/gradebook.db copy.db backups/gradebook.db.1 class.zip docs/ada.zip
downloads/x downloaded/x inbox/ada/x exchange/x replaced/x class.tsv class.ods class.xls class.xlsx report.html
grades.json docs/grades-canvas.csv work.tar.gz gradebook.dump dist/report.html
"""


def test_nothing_of_this_machine_gets_into_the_image(tmp_path):
    (tmp_path / ".dockerignore").write_text((ROOT / ".dockerignore").read_text())
    for name in (*PRIVATE.split(), "tito/cli.py", "source/setup/setup_dev.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert {path.as_posix() for path in taken(tmp_path)} == {
        ".dockerignore", "tito/cli.py", "source/setup/setup_dev.ipynb",
    }  # fmt: skip


def test_all_that_is_committed_gets_into_the_image():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    committed = {name for name in listed.split("\0") if name and Path(ROOT, name).exists()}
    left_out = committed - {path.as_posix() for path in taken(ROOT)}
    assert {name for name in left_out if not name.endswith("/.gitignore")} == set()  # of folders that are empty


def test_every_instruction_is_followed_whole():
    found = list(instructions((ROOT / "Containerfile").read_text()))
    assert {word for word, _ in found} == {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "CMD"}
    assert not [arguments for _, arguments in found if arguments.rstrip().endswith("\\")]


def test_the_image_is_no_longer_root_s_when_it_starts():
    words = [word for word, _ in instructions((ROOT / "Containerfile").read_text())]
    assert words.index("USER") > max(at for at, word in enumerate(words) if word == "RUN")
