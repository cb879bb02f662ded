"""An instructor's way: the demonstration, and the stock nbgrader commands on a fresh clone."""

import subprocess
import sys


def test_demo_gives_every_simulated_student_what_is_due(clone, tmp_path):
    command = [sys.executable, "bin/tito.py", "demo", str(tmp_path / "demo")]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "DIFFERENT" not in done.stdout
    assert done.stdout.count("equal") >= 3 * 12
    for station in ("gradebook.db", "autograded/ada/mlp/mlp_dev.ipynb", "feedback/ada/mlp/mlp_dev.html"):
        assert (tmp_path / "demo" / station).is_file()
