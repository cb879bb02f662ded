"""What operators install: files with the names of their course, and what runs at night."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("configured", [True, False], ids=["another exchange", "another folder"])
def test_the_night_collects_where_students_of_this_course_hand_in(tmp_path, configured):
    """Its id is not the template's, and nbgrader's configuration says where the exchange is."""
    course, bin_ = tmp_path / "course", tmp_path / "course" / ".venv" / "bin"
    bin_.mkdir(parents=True)
    shutil.copytree(ROOT / "deploy", course / "deploy")
    for name in ("course.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, course)
    (course / "term.yml").write_text("course: ml101\n")
    for folder in ("source", "release/mlp", "release/cnn", "submitted/ada/cnn"):
        (course / folder).mkdir(parents=True)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    inbound = tmp_path / "exchange" / "ml101" / "inbound"
    (inbound / "ada+mlp+2027-02-01 10:00:00.000000 UTC+a1").mkdir(parents=True)
    (bin_ / "python").symlink_to(sys.executable)
    (bin_ / "tito").write_text('#!/bin/sh\necho "$*"; [ "$1" != grade ] || exit 1\n')
    (bin_ / "tito").chmod(0o755)
    home = {"JUPYTER_CONFIG_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])}
    other = {} if configured else {"TINYTORCH_INBOUND": str(tmp_path)}
    done = subprocess.run(
        [course / "deploy/nightly.sh"], env={**os.environ, **home, **other}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == ["grade cnn"] + [f"collect mlp {inbound}"] * configured


@pytest.mark.parametrize("name", ["TinyTorch", "ML & Systems", r"a|b\c", "Über"])
def test_files_of_the_hub_have_the_names_of_the_course(tmp_path, name):
    install = (ROOT / "deploy/jupyterhub/install.sh").read_text(encoding="utf-8")
    lay = re.search(r"(?ms)^lay\(\) \{.*?^\}", install)
    assert lay
    script = f'{lay[0]}; here="$1" folder=/a owner=b name=c repository="$2"; lay student.sh "$3"'
    made = tmp_path / "student.sh"
    subprocess.run(["sh", "-ec", script, "sh", ROOT / "deploy/jupyterhub", name, made], check=True)
    assert made.read_text(encoding="utf-8") == (ROOT / "deploy/jupyterhub/student.sh").read_text().replace(
        "TinyTorch", name
    )
