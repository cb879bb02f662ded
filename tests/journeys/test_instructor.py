"""An instructor's and a TA's way, on each database: the demonstration, formgrader on what it leaves, a back-up."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("setup", "mlp")


@pytest.fixture(scope="module")
def demo(clone, gradebook, tmp_path_factory, pytestconfig):
    """The demonstration's folder, and what it printed: of its first module; with --thorough of two."""
    folder = tmp_path_factory.mktemp("instructor") / "demo"
    modules = MODULES if pytestconfig.getoption("thorough") else MODULES[:1]
    command = [sys.executable, "bin/tito.py", "demo", str(folder), *(f"--module={name}" for name in modules)]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout, modules


def test_every_simulated_student_gets_what_is_due(demo):
    folder, printed, modules = demo
    assert "DIFFERENT" not in printed
    assert printed.count("as due") >= len(modules) * 15
    assert (folder / "gradebook.db").is_file() == ("TINYTORCH_GRADEBOOK" not in os.environ)
    for station in ("autograded/ada/setup/setup_dev.ipynb", "feedback/ada/setup/setup_dev.html"):
        assert (folder / station).is_file()


def test_a_demonstration_ends_at_once_when_it_is_told_to(clone, tmp_path):
    """Also where the signal reaches its first process alone, as from a service manager."""
    command = [sys.executable, "bin/tito.py", "demo", str(tmp_path / "demo"), "--module=setup", "--module=tensor"]
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as working:
        try:
            _wait_for(lambda: (tmp_path / "demo" / "release" / "setup").stat())
            working.send_signal(signal.SIGINT)
            done, said = working.communicate(timeout=300)
        finally:
            working.terminate()
    assert (working.returncode, "Traceback" in said) == (130, False), said
    assert "graded in" not in done, "it went on to the end of a module"


def test_after_a_term_git_sees_no_students_data(demo, clone):
    """With all that an instructor makes of it, and puts beside it."""
    folder, tito = demo[0], [sys.executable, str(clone / "bin" / "tito.py")]
    for made in clone.rglob(".gitignore"):
        shutil.copy(made, folder / made.relative_to(clone))
    for name in ("roster.csv", "accommodations.yml", "downloads/class.zip", "downloaded/setup/ada.ipynb", "class.zip"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("id\nada\n" if name == "roster.csv" else "")
    for command in (["roster", "import", "roster.csv"], ["report"], ["student", "export", "ada"]):
        subprocess.run([*tito, *command], cwd=folder, check=True, capture_output=True, timeout=300)
    for system in ("canvas", "moodle", "plain"):
        command = [*tito, "grades", "export", "--anyway", "--for", system]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    subprocess.run([*tito, "feedback", "setup", "--zip", "--anyway"], cwd=folder, capture_output=True, timeout=300)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    seen = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"], cwd=folder, check=True, capture_output=True
    ).stdout.decode()
    new = [name for name in seen.split("\0") if name and not (clone / name).is_file()]
    assert new == [".tinytorch-demo"], "what is not the course's own"


@pytest.fixture
def formgrader(demo):
    """A function that gets a page of formgrader, served by Jupyter in the course's folder."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=here"]
    command = [sys.executable, "-m", "jupyter", "server", *options]
    server = subprocess.Popen(command, cwd=demo[0], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def get(path: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": "token here"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    try:
        _wait_for(lambda: get("/api/status"))
        yield get
    finally:
        server.terminate()
        server.wait(300)


def _wait_for(call, seconds=300):
    for _ in range(seconds):
        try:
            return call()
        except (urllib.error.URLError, ConnectionError, FileNotFoundError):
            time.sleep(1)
    raise TimeoutError("what should come does not come")


def test_a_ta_sees_answers_rubric_and_verdicts(formgrader):
    rows = json.loads(formgrader("/formgrader/api/submitted_notebooks/setup/setup_dev"))
    row = next(row for row in rows if row["student"] == "ada")
    page = formgrader(f"/formgrader/submissions/{row['id']}")
    assert 'class="extra-credit"' in page
    assert "extra-credit tabbable" not in page
    assert row["code_score"] == row["max_code_score"]
    assert "MARK SCHEME" in page
    assert "points</p>" in page


def test_the_handbooks_back_up_brings_a_lost_course_back(demo, gradebook, tmp_path):
    """The operator's two blocks are typed as they stand, without the lines for the other database."""
    folder, _, _ = demo
    text = (ROOT / "docs" / "operators-handbook.md").read_text(encoding="utf-8")
    section = text.partition("\n## Back-up and restore")[2].partition("\n## ")[0]
    back_up, restore = re.findall(r"(?s)```sh\n(.*?)```", section)
    before = grades(folder)
    typed(back_up, folder, tmp_path, gradebook)
    lose(folder, gradebook)
    typed(restore.partition("tito doctor")[0], folder, tmp_path, gradebook)
    assert grades(folder) == before


def grades(folder) -> str:
    """What `tito grade` says of everybody, which is graded by nobody again: nothing has changed."""
    command = [Path(sys.executable).with_name("tito"), "grade", "setup", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert "graded again" not in done.stderr
    return done.stdout


def typed(block: str, folder, backup, gradebook) -> None:
    """Type a block of the handbook, whose back-ups lie in `backup`; it was written for another day."""
    other = ("sqlite3 ", "rm -f gradebook.db") if gradebook else ("DATABASE=", "pg_dump ", "pg_restore ")
    lines = [line for line in block.splitlines() if not line.startswith(other)]
    text = "\n".join(["set -e", *lines]).replace("/backup", str(backup)).replace("2027-02-01", "$(date +%F)")
    done = subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"


def lose(folder, gradebook) -> None:
    """The disk is lost, and half of a newer gradebook with it."""
    for name in ("submitted", "autograded", "source"):
        shutil.rmtree(folder / name)
    if gradebook:
        gradebook.run("psql", "-h", "127.0.0.1", "-p", gradebook.port, "-U", "grader", "-c", LOSS, "gradebook")
    else:
        (folder / "gradebook.db").write_bytes(b"nothing")
        (folder / "gradebook.db-wal").write_bytes(b"of another database")


LOSS = "DROP TABLE tinytorch_graded; DELETE FROM comment"
