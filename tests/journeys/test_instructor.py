"""An instructor's and a TA's way: the demonstration, and formgrader on what it leaves."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

MODULES = ("setup", "mlp")


@pytest.fixture(scope="module")
def demo(clone, tmp_path_factory, pytestconfig):
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
    for station in ("gradebook.db", "autograded/ada/setup/setup_dev.ipynb", "feedback/ada/setup/setup_dev.html"):
        assert (folder / station).is_file()


def test_a_demonstration_ends_at_once_when_it_is_told_to(clone, tmp_path):
    """Also where the signal reaches its first process alone, as from a service manager."""
    command = [sys.executable, "bin/tito.py", "demo", str(tmp_path / "demo"), "--module=setup", "--module=tensor"]
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as working:
        try:
            _wait_for(lambda: (tmp_path / "demo" / "release" / "setup").stat())
            started = time.monotonic()
            working.send_signal(signal.SIGINT)
            _, said = working.communicate(timeout=60)
        finally:
            working.terminate()
    assert (working.returncode, "Traceback" in said) == (130, False), said
    assert time.monotonic() - started < 20


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


@pytest.fixture(scope="module")
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
        server.wait(20)


def _wait_for(call, seconds=90):
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
