"""What runs on other machines only, the workflow for forks and the kit's containers, names what there is."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from autograder.cli import app as instructors
from tito.cli import app

ROOT = Path(__file__).resolve().parents[1]
FILES = [*sorted(ROOT.glob(".github/workflows/*.yml")), ROOT / "source/benchmarking/on_push.yml"]  # a student's, too
TEXTS = [path.read_text(encoding="utf-8") for path in FILES]
JOBS = {name: job for text in TEXTS for name, job in yaml.safe_load(text)["jobs"].items()}
FORMS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in ROOT.glob(".github/ISSUE_TEMPLATE/[!c]*.yml")]
GIVEN = {"github.token", "github.event.before", "vars.TINYTORCH_TEMPLATE"}  # by GitHub, and by the owner of a course
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
RUNS = [step["run"] for _, step in STEPS if "run" in step]
PLACES = {"modules/": "source/", "dist/": None}  # of the kit -> where that is here; None where a step makes it


def test_actions_are_pinned_to_a_commit_that_says_its_version():
    used = [one for text in TEXTS for one in re.findall(r"uses: (.*)", text)]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


@pytest.mark.parametrize("name", JOBS)
def test_a_job_has_a_limit_and_all_variables_that_it_names(name):
    job = JOBS[name]
    known = {f"matrix.{key}" for key in job.get("strategy", {}).get("matrix", {})}
    assert job["timeout-minutes"] <= 120
    assert set(re.findall(r"\$\{\{ *([\w.]+) *\}\}", json.dumps(job))) <= known | GIVEN


@pytest.mark.parametrize("script", RUNS)
def test_a_step_is_bash_and_names_files_targets_and_commands_that_exist(script):
    assert subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True).stderr == ""
    unquoted = re.sub(r'"[^"]*"', "", script)
    for path in re.findall(r"(?<![\w./])\.?\w[\w.]*/[\w./]+|[\w]+\.txt(?= |$)", unquoted):
        assert path == "said.txt" or exists(path), path
    targets = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets
    assert set(re.findall(r"(?<![\w-])make (\w+)", script)) <= set(targets[1].split())
    commands = [*app.registered_commands, *instructors.registered_commands]
    names = {command.name or command.callback.__name__ for command in commands if command.callback}
    assert set(re.findall(r"bin/tito\.py (\w+)", script)) <= names


def exists(path: str) -> bool:
    """Whether a path of the repository, of the kit or of an environment exists, or will."""
    for place, here in PLACES.items():
        if path.startswith(place):
            return here is None or (ROOT / path.replace(place, here, 1)).exists()
    return path.startswith(".venv/") or (ROOT / path).exists()


@pytest.mark.parametrize(
    ("known", "able"),
    [(True, True), (False, True), (True, False)],
    ids=["after another push", "the first push", "before the module was solved"],
)
def test_a_students_suite_measures_the_commit_before_the_push(tmp_path, known, able):
    """Its steps run in a repository of two commits; `python` says what it was asked, and where. A package of before
    that can't be measured is compared with nothing."""
    repository, said = tmp_path / "repository", tmp_path / "said.txt"
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(
        f'#!/bin/bash\necho "$(cat version) $PYTHONPATH $*" >> {said}\n[[ $* != *--save* ]] || {str(able).lower()}\n'
    )
    python.chmod(0o755)
    me = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b"}
    env = {**os.environ, **me, "PATH": f"{python.parent}:{os.environ['PATH']}", "PYTHONPATH": ""}
    commits = "for v in old new; do echo $v > version; git add version; git commit -qm $v; done; git rev-parse HEAD^"
    script = f"git init -q {repository}; cd {repository}; {commits}"
    before = subprocess.run(["bash", "-ec", script], env=env, capture_output=True, text=True, check=True).stdout.strip()
    outputs = tmp_path / "outputs.txt"
    outputs.touch()
    env |= {"BEFORE": before if known else "0" * 40, "GITHUB_OUTPUT": str(outputs)}
    for step in JOBS["benchmarks"]["steps"]:
        measured = "measured=true\n" in outputs.read_text()
        if "run" in step and (measured or step.get("if") != "steps.before.outputs.measured == 'true'"):
            done = subprocess.run(
                ["bash", "-ec", step["run"]], env=env, cwd=repository, capture_output=True, check=True
            )
            assert (b"::warning::" in done.stdout) == (step.get("id") == "before" and not able)
    suite = "modules/benchmarking/suite.py"
    assert said.read_text().splitlines()[1:] == [
        "new  bin/tito.py sync",
        "new  bin/tito.py test --module benchmarking",
        "old  bin/tito.py sync",
        f"new ../before {suite} --save before.json",
        *[f"new . {suite} --check before.json --report report.html --tolerance 0.1"] * able,
    ]


def test_containers_have_a_python_that_the_course_takes():
    """Codespaces, VS Code and Binder."""
    container = json.loads((ROOT / "student/devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    binder = (ROOT / "student/binder/runtime.txt").read_text(encoding="utf-8").strip()
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    pythons = [re.search(r"python[:-](3\.\d+)", text) for text in (container["image"], binder)]
    assert all(found and int(found[1][2:]) >= int(oldest.removeprefix(">=3.")) for found in pythons)
    assert "-m venv .venv" in container["postCreateCommand"]
    assert container["waitFor"] == "postCreateCommand"  # nobody sees a workspace without its packages
    for script in (container["postCreateCommand"], (ROOT / "student/binder/postBuild").read_text(encoding="utf-8")):
        assert "-m pip install" in script
        assert "-r requirements.txt" in script
        assert subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True).stderr == ""


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["name"])
def test_a_form_has_what_github_asks_of_it(form):
    assert {"name", "description", "body"} <= form.keys()
    asked = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in asked}) == len(asked) > 0
    assert {field["type"] for field in asked} <= {"input", "textarea"}
    assert all(field["attributes"]["label"] for field in asked)
