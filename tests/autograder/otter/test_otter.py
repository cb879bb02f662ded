"""The second grader: what its zip holds, how it ends whatever a submission does, and that it agrees with the first."""

import base64
import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from contextlib import nullcontext
from importlib.metadata import packages_distributions, version
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import nbformat
import pytest
from otter.test_files.exception_test import ExceptionTestFile
from versions import SEEDS, all_versions, released, source_of

from autograder.commands import otter as command
from autograder.demo.versions import with_cells
from autograder.engine import sandbox
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.source import Source
from autograder.otter import gradescope, parity
from autograder.otter.build import autograder_zip
from autograder.otter.course import ANSWERS, SEALED
from autograder.otter.parity import Compared
from autograder.otter.plugin import Judge
from autograder.otter.testfiles import test_file as text_of_test_file
from tito import checks
from tito.cli import main
from tito.notebooks import grade_id, is_check, read
from tito.workspace import UserError, Workspace

ROOT = Path(__file__).resolve().parents[3]
SEED = 7
FULL = {"check_double": 2, "check_normal": 3, "check_both": 4}
ONLY_NORMAL = {"check_double": 0, "check_normal": 3, "check_both": 0}
NOTHING = dict.fromkeys(FULL, 0)
WRONG = {"double": "def double(x):\n    return x", "normal": "def normal(n):\n    return n * [0.0]"}
SCHEMA = json.loads((Path(__file__).parent / "gradescope_results.schema.json").read_text())
METADATA = {
    "id": 123456,
    "created_at": "2026-11-23T14:22:32.365935-07:00",
    "assignment": {
        "due_date": "2026-11-30T23:00:00.000000-07:00",
        "id": 25828,
        "title": "Setup",
        "total_points": "11.0",
    },
    "users": [{"email": "ada@example.com", "id": 1, "name": "Ada"}],
    "submission_method": "upload",
    "previous_submissions": [],
}


@pytest.fixture(scope="session")
def archive(source, tmp_path_factory):
    """The path of the small module's autograder.zip."""
    path = tmp_path_factory.mktemp("otter") / "autograder.zip"
    path.write_bytes(autograder_zip(source, SEED, expected(source, SEED)))
    return path


@pytest.fixture(scope="session")
def worker():
    """A process to grade in: it keeps a warm one."""
    with parity.workers(1) as pool:
        yield pool


@pytest.fixture
def graded(archive, worker, solved, tmp_path):
    """A function that grades a submission as Gradescope would: the results, and the folder of the run."""

    def grade(cells=None, extra=(), files=None):
        handed_in, root = tmp_path / "handed_in", tmp_path / "autograder"
        given = {"setup_dev.ipynb": nbformat.writes(solved(cells, extra))} if files is None else files
        handed_in.mkdir()
        for name, text in given.items():
            (handed_in / name).parent.mkdir(parents=True, exist_ok=True)
            (handed_in / name).write_text(text)
        results = worker.submit(gradescope.grade_as_gradescope, archive, handed_in, root, METADATA).result()
        jsonschema.validate(results, SCHEMA)
        return results, root

    return grade


def is_complete(results):
    """Every graded cell is there with its maximum, and what a TA grades has no score."""
    tests = {test["name"]: test for test in results["tests"]}
    assert {name: test["max_score"] for name, test in tests.items() if "score" in test} == FULL
    assert tests["reflect_why"]["output"] == "To be graded by a TA: 2 points."
    assert "score" not in tests["reflect_why"]
    return results["score"] == sum(gradescope.scores(results).values())


# --- the zip, and what students get -----------------------------------------------------------------


def contents(data):
    """All files in a zip, and in the zips in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        found = {name: opened.read(name) for name in opened.namelist()}
    inner = {
        f"{name}/{part}": content
        for name, text in found.items()
        if name.endswith(".zip")
        for part, content in contents(text).items()
    }
    return found | inner


def test_the_zip_is_what_otter_generate_makes(archive):
    found = contents(archive.read_bytes())
    assert {"run_autograder", "run_otter.py", "setup.sh", "otter_config.json"} <= set(found)
    assert {name for name in found if name.startswith("tests/")} == {f"tests/{name}.py" for name in FULL}
    setup = found["setup.sh"].decode()
    assert f"--python {sys.version_info.major}.{sys.version_info.minor} " in setup
    for script in ("setup.sh", "run_autograder"):
        assert subprocess.run(["sh", "-n"], input=found[script], timeout=300).returncode == 0
    for heavy in ("conda", "mamba", "playwright", "texlive"):
        assert heavy not in re.sub(r"(?m)^#.*\n", "", setup)
    with zipfile.ZipFile(archive) as opened:
        assert opened.getinfo("run_autograder").external_attr >> 16 & 0o111


def pinned(text):
    """The packages that a file of requirements pins: name → versions, each of which has a checksum."""
    found = {}
    for name, pin, rest in re.findall(r"(?m)^([\w.-]+)==(\S+)(.*(?:\n    --hash=.*)*)", text):
        assert "--hash=sha256:" in rest, name
        found.setdefault(name, set()).add(pin)
    return found


def test_the_zip_installs_what_grading_needs_and_no_more(archive):
    """In the versions in which the course grades; a browser, JupyterLab and databases are no part of it."""
    found, everything = contents(archive.read_bytes()), pinned((ROOT / "requirements.txt").read_text())
    slim = pinned(found["requirements.txt"].decode())
    assert slim["otter-grader"] == {version("otter-grader")}
    assert {name: pins for name, pins in slim.items() if not pins <= everything[name]} == {}
    assert not slim.keys() & {"playwright", "jupyterlab", "nbgrader", "psycopg", "distributed", "ruff", "notebook"}
    assert pinned(found["uv.txt"].decode()) == {"uv": everything["uv"]}
    workspace = Workspace.find(ROOT)
    wanted = {name.partition(".")[0] for one in workspace.written() for name in Source.of(workspace, one).libraries}
    owners = packages_distributions()
    assert {
        name for name in wanted if not {one.lower().replace("_", "-") for one in owners[name]} & slim.keys()
    } == set()


def test_what_grades_there_needs_no_nbgrader():
    text = (
        "import sys, autograder.otter.gradescope, autograder.otter.plugin, otter.run.run_autograder\n"
        "sys.exit(bool({'nbgrader', 'jupyterlab', 'playwright', 'sqlalchemy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", text], cwd=ROOT, timeout=300).returncode == 0


STANDS_IN = """#!/bin/sh
# takes the place of python3, pip, uv and the new environment's python: it notes how it was called
echo "$(basename "$0") $*" >> LOG
case "$*" in
    "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; cp "$0" "$3/bin/uv" ;;
    *"venv --quiet"*) for place; do :; done; mkdir -p "$place/bin" "$place/purelib"; cp "$0" "$place/bin/python" ;;
    *purelib*) echo "$(dirname "$0")/../purelib" ;;
esac
"""


def test_its_set_up_in_a_tree_of_its_own(archive, solved, tmp_path, pytestconfig):
    """setup.sh; with --thorough really, against the package index, and then run_autograder in what it has made."""
    handed_in, root, place = tmp_path / "handed_in", tmp_path / "autograder", tmp_path / "env"
    handed_in.mkdir()
    nbformat.write(solved(WRONG), handed_in / "setup_dev.ipynb")
    gradescope.lay_out(archive, handed_in, root, METADATA)
    run_autograder = root / "source" / "run_autograder"
    run_autograder.write_text(run_autograder.read_text().replace("/autograder", str(root)))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    if not pytestconfig.getoption("thorough"):
        stub, log = tmp_path / "bin" / "python3", tmp_path / "log"
        stub.parent.mkdir()
        stub.write_text(STANDS_IN.replace("LOG", str(log)))
        stub.chmod(0o755)
        kept["PATH"] = os.pathsep.join([str(stub.parent), kept["PATH"]])

    def run(script):
        command = ["sh", root / "source" / script]
        environment = {**kept, "OTTER_ENV": str(place)}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr

    run("setup.sh")
    if not pytestconfig.getoption("thorough"):
        assert (place / "purelib" / "autograder" / "otter" / "plugin.py").is_file()
        installs = [line for line in log.read_text().splitlines() if " install " in line]
        assert [line.rpartition("/")[2] for line in installs] == ["uv.txt", "requirements.txt"]
        assert all("--no-deps --require-hashes" in line for line in installs)
        return
    run("run_autograder")
    results = json.loads((root / "results" / "results.json").read_text())
    jsonschema.validate(results, SCHEMA)
    assert is_complete(results)
    assert gradescope.scores(results) == NOTHING


def test_the_zip_holds_solutions_only_where_mistakes_are_followed_through(archive):
    found = contents(archive.read_bytes())
    for canary in (b"CANARY-ANSWER", b"CANARY-RUBRIC"):
        assert [name for name, content in found.items() if canary in content] == []
    assert [name for name, content in found.items() if b"CANARY-SOLUTION" in content] == [ANSWERS]
    assert [name for name, content in found.items() if b"CANARY-JUDGE" in content] == [
        "course.zip/source/setup/setup_dev.ipynb"
    ]
    assert [name for name in found if name.endswith("core/setup.py")] == []


@pytest.mark.parametrize(
    ("active", "read"), [(sandbox.PROTECTIONS, True), (("files",), False), (("network",), False), ((), False)]
)
def test_answers_are_read_only_where_submissions_are_shut_in_without_a_network(
    archive, tmp_path, monkeypatch, active, read
):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "source")
    (tmp_path / "submission").mkdir()
    monkeypatch.chdir(tmp_path / "submission")
    monkeypatch.setattr(sandbox, "active", lambda: frozenset(active))
    monkeypatch.setattr("autograder.otter.plugin.python_runner", SimpleNamespace())
    judge = Judge.__new__(Judge)
    judge.before_grading(None)
    assert (bool(judge.answers), judge.lacks_answers) == (read, not read)
    assert not (tmp_path / "source" / ANSWERS).exists()
    assert not (tmp_path / "source" / SEALED).exists()


def test_the_same_source_and_seed_make_the_same_zip(archive, source):
    assert autograder_zip(source, SEED, expected(source, SEED)) == archive.read_bytes()


def test_a_test_file_for_each_graded_cell(source):
    for name, points in FULL.items():
        made = ExceptionTestFile.from_string(text_of_test_file(source, name))
        assert (made.name, made.possible) == (name, points)
        assert made.all_or_nothing == (name != "check_both")
        assert [case.hidden for case in made.test_cases] == [False, True]


def test_hidden_checks_must_stand_at_the_end(source):
    other = Source(source.workspace, "setup")
    cell = other.check_cells["check_double"]
    cell.source += '\nchecks.equal("twice two", double(2), 4)'
    with pytest.raises(UserError, match="check_double: the hidden checks must stand together, at the end"):
        text_of_test_file(other, "check_double")


def test_without_the_judge_nothing_is_earned(source):
    """Somebody leaves the plugin away: a right answer is no proof then, and must not get points for nothing."""
    made = ExceptionTestFile.from_string(text_of_test_file(source, "check_double"))
    made.run({"checks": checks, "double": lambda x: 2 * x})
    assert [result.passed for result in made.test_case_results] == [True, False]
    assert made.score == 0
    assert "CANARY" not in made.summary()


def outcome(text, **names):
    """What a student reads when otter runs a test file."""
    made = ExceptionTestFile.from_string(text)
    made.run({"checks": checks, **names})
    return made.summary()


def leave(x):
    raise SystemExit


def test_students_see_visible_checks_through_otter_itself(source):
    text = text_of_test_file(source, "check_double", hidden=False)
    assert "CANARY" not in text
    assert "random arrays" not in text
    assert "All test cases passed!" in outcome(text, double=lambda x: "6" if x == "3" else 2 * x)
    said = outcome(text, double=lambda x: x + 2)
    assert "twice three\n          expected  6\n          got       5" in said
    assert "NameError: name 'double' is not defined" in outcome(text)
    assert "SystemExit" in outcome(text, double=leave)


def test_the_students_notebook_suits_both_systems(classroom, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["otter", "build", "setup"])
    assert not ended.value.code
    assert capsys.readouterr().out == "dist/otter/setup: autograder.zip and student/\n"
    student, source = classroom / "dist/otter/setup/student", Source.of(Workspace.find(classroom), "setup")
    notebook = read(student / "setup_dev.ipynb")
    told = {grade_id(cell): cell.metadata.otter.tests for cell in notebook.cells if is_check(cell)}
    assert told == {name: [name] for name in FULL}
    assert sorted(path.stem for path in (student / "tests").iterdir()) == sorted(FULL)
    for cell in notebook.cells:
        cell.metadata.pop("otter", None)
    assert notebook == read(classroom / "release/setup/setup_dev.ipynb")
    assert mend(read(student / "setup_dev.ipynb"), source)[1] == []
    assert "CANARY" not in "".join(path.read_text() for path in student.rglob("*") if path.is_file())


def test_a_module_that_was_not_released_is_refused(course, monkeypatch, capsys):
    monkeypatch.chdir(course)
    for arguments in (["build", "setup"], ["check", "setup"]):
        with pytest.raises(SystemExit) as ended:
            main(["otter", *arguments])
        assert ended.value.code == 2
        assert "First: tito release setup" in capsys.readouterr().err


# --- as Gradescope runs it ---------------------------------------------------------------------------


@pytest.fixture
def gradescope_folder(archive, solved, tmp_path):
    """A function that lays out what Gradescope calls /autograder, and runs `run_autograder` in it."""

    def run(notebook, kill=False):
        handed_in, root = tmp_path / "handed_in", tmp_path / "autograder"
        handed_in.mkdir()
        nbformat.write(notebook, handed_in / "setup_dev.ipynb")
        gradescope.lay_out(archive, handed_in, root, METADATA)
        script = (root / "source" / "run_autograder").read_text().replace("/autograder", str(root))
        (root / "run_autograder").write_text(script)
        command, env = ["sh", root / "run_autograder"], {**os.environ, "OTTER_ENV": sys.prefix}
        with (root / "results" / "stdout").open("w") as said:
            process = subprocess.Popen(command, cwd=root, env=env, stdout=said, stderr=said, start_new_session=True)
            while kill and (root / "source" / SEALED).exists():  # which otter removes when it begins
                time.sleep(0.05)
            if kill:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        results = json.loads((root / "results" / "results.json").read_text())
        jsonschema.validate(results, SCHEMA)
        return results, (root / "results" / "stdout").read_text()

    return run


def test_run_autograder(gradescope_folder, solved):
    """With the code in the zip, in Gradescope's layout; one answer is wrong, so that hidden checks have much to say."""
    results, said = gradescope_folder(solved({"double": "def double(x):\n    return 2.01 * x"}))
    assert is_complete(results)
    assert gradescope.scores(results) == ONLY_NORMAL
    assert "check_double: random arrays: " in said  # the instructor's view
    visibility = {test["name"]: test["visibility"] for test in results["tests"]}
    assert visibility == {
        "Visible checks": "visible",
        **dict.fromkeys(FULL, "after_published"),
        "reflect_why": "visible",
    }
    assert results["stdout_visibility"] == "hidden"
    shown = json.dumps(results)
    assert "failed: twice three: the value differs (expected 6)" in shown
    assert "0 of 1 hidden checks passed." in shown
    for hidden in ("random arrays", "how many", "samples", "doubled", "CANARY"):
        assert hidden not in shown


def test_killing_the_autograder_itself_leaves_zeros(gradescope_folder, solved):
    results, _ = gradescope_folder(solved(extra=["while True: pass"] * 9), kill=True)
    assert is_complete(results)
    assert gradescope.scores(results) == NOTHING


# --- however a submission ends ------------------------------------------------------------------------

LOOP = "import time\nwhile True:\n    try:\n        while True: time.sleep(1)\n    except BaseException: pass"
IN_SOLUTION = {
    "sys.exit": "def double(x):\n    raise SystemExit",
    "os._exit": "def double(x):\n    import os; os._exit(0)",
    "an endless loop": "def double(x):\n" + textwrap.indent(LOOP, "    "),
    "a syntax error": "def double(x:\n    return 2 * x",
    "an interrupt": "def double(x):\n    raise KeyboardInterrupt",
    "an error without words": "def double(x):\n    class E(Exception):\n        __str__ = None\n    raise E",
    "never written": "raise NotImplementedError()",
    "a value in itself": "def double(x):\n    a = []; a.append(a); return a",
    "a set": "def double(x):\n    return {1}",
    "a long text": "def double(x):\n    return 'x' * 10**8",
    "nested too deeply": f"def double(x):\n    return 2 * x\ny = {'-' * 100_000}1",
}


def test_a_name_that_the_tests_use_stays_the_students(graded):
    text = "_test = name = points = run = env = 2\ndef double(x):\n    return _test * x + name - points + run - env"
    assert gradescope.scores(graded({"double": text})[0]) == FULL


@pytest.mark.parametrize("text", IN_SOLUTION.values(), ids=IN_SOLUTION)
def test_a_solution_that_ends_badly_costs_its_own_points(graded, text):
    results, _ = graded({"double": text})
    assert is_complete(results)
    assert gradescope.scores(results) == ONLY_NORMAL


OWN_CELLS = {
    "os._exit": "import os\nos._exit(0)",
    "an endless loop": LOOP,
    "sys.exit": "import sys\nsys.exit()",
    "a syntax error": "def (:",
    "another folder": "import os\nos.chdir('/')",
    "no folder": "import os, shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)",
    "no environment": "import os\nos.environ.clear()",
    "its parent killed": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "names of otter and checks": "otter = checks = _otter = Notebook = None",
    "names of Python": "globals = locals = vars = exec = get_ipython = None",
    "programs": "!pip install numpy\n%pip install numpy\nexit()",
    "noise": "import os, sys\nprint('x' * 10**7)\nos.write(1, b'x' * 10**6)\nsys.stderr.write('x' * 10**6)",
}


@pytest.mark.parametrize("text", OWN_CELLS.values(), ids=OWN_CELLS)
def test_a_cell_of_ones_own_costs_nothing(graded, text):
    results, root = graded(extra=[text])
    assert is_complete(results)
    assert gradescope.scores(results) == FULL
    assert (root / "results" / "stdout").stat().st_size < 10_000


def test_a_submission_knows_nothing_of_the_graders_environment(graded):
    text = """def double(x):
    import os
    known = {"PYTEST_CURRENT_TEST", "PYTHONPATH"} & set(os.environ)
    return 0 if known or os.environ["HOME"] != os.getcwd() else 2 * x"""
    assert gradescope.scores(graded({"double": text})[0]) == FULL


def test_temporary_files_go_where_they_may(graded):
    text = "def double(x):\n    import tempfile\n    with tempfile.NamedTemporaryFile() as file:\n        return 2 * x"
    assert gradescope.scores(graded({"double": text})[0]) == FULL


UNREADABLE = {
    "cut off": {"setup_dev.ipynb": '{"cells": ['},
    "no notebook": {"notes.txt": "I could not finish."},
    "nothing": {},
}


@pytest.mark.parametrize("files", UNREADABLE.values(), ids=UNREADABLE)
def test_what_can_not_be_read_says_so(graded, files):
    results, _ = graded(files=files)
    assert is_complete(results)
    assert gradescope.scores(results) == NOTHING
    assert results["output"].startswith("Not graded: setup_dev.ipynb")


def test_a_renamed_notebook_in_a_folder_beside_an_older_one(graded, solved):
    """Several notebooks, in the folder that tito submit's zip has."""
    results, _ = graded(
        files={
            "setup/setup final (1).ipynb": nbformat.writes(solved()),
            "setup/scratch.ipynb": nbformat.writes(nbformat.v4.new_notebook()),
        }
    )
    assert gradescope.scores(results) == FULL


# --- what gains nothing, and what does not get out ------------------------------------------------------

DOUBLE = "def double(x):\n    return 2 * x\n"
BROUGHT = {
    "tinytorch_ref/__init__.py": "",
    "tinytorch_ref/core/setup.py": DOUBLE,
    "tinytorch/core/setup.py": DOUBLE,
    "tito/__init__.py": "1 / 0",
    "tito/checks.py": "1 / 0",
    "otter/__init__.py": "1 / 0",
    "numpy.py": "1 / 0",
    "tests/check_double.py": "1 / 0",
}


def test_packages_that_were_brought_along(graded, solved):
    """They replace nothing, and a module's reference can't be handed in under the name that was the course's."""
    results, _ = graded(files={"setup_dev.ipynb": nbformat.writes(solved()), **BROUGHT})
    assert gradescope.scores(results) == FULL


@pytest.mark.parametrize("package", ["tinytorch_ref", "tinytorch"])
def test_a_reference_that_was_brought_along(graded, solved, package):
    cells = {"double": f"from {package}.core.setup import double", "normal": WRONG["normal"]}
    results, _ = graded(files={"setup_dev.ipynb": nbformat.writes(solved(cells)), **BROUGHT})
    assert gradescope.scores(results) == NOTHING


TAMPERING = {
    "otter's test cases that always pass": "from otter.test_files import test_case\n"
    "test_case.call_func = lambda *a, **k: None",
    "otter's test files that always pass": "from otter.test_files.exception_test import ExceptionTestFile\n"
    "ExceptionTestFile.run = lambda *a, **k: None",
    "a judge that is always content": "from tito import checks\n"
    "checks.difference = checks._difference = lambda *a, **k: None\nchecks._grading = None",
    "results of one's own": "import json\nfrom pathlib import Path\n"
    "Path('../results/results.json').write_text(json.dumps({'score': 9, 'tests': []}))",
    "a transformer that strips checks": "import ast\nclass T(ast.NodeTransformer):\n"
    "    def visit_Expr(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(T())",
}


@pytest.mark.parametrize("text", TAMPERING.values(), ids=TAMPERING)
def test_tampering_gains_nothing(graded, text):
    results, _ = graded(WRONG, [text])
    assert is_complete(results)
    assert gradescope.scores(results) == NOTHING


# Finds what it can in the frames above and in all files it can read, and sends what stands around each canary out by
# every way there is.
SNOOP = """
import base64, os, sys
from pathlib import Path
from IPython.display import display

def look():
    found, frame = [], sys._getframe()
    while frame:
        found += [repr(frame.f_code.co_consts), repr(frame.f_locals), repr(frame.f_globals)]
        frame = frame.f_back
    for folder in ('.', '..', COURSE):
        for at, _, names in os.walk(folder):
            for name in names:
                try:
                    found.append(Path(at, name).read_text(errors='replace'))
                except OSError:
                    pass
    return '\\n'.join(found)

def loot():
    word = ''.join(('CA', 'NARY'))
    parts = look().split(word)
    return ' '.join(before[-80:] + word + after[:80] for before, after in zip(parts, parts[1:]))

def forms(text):
    data = text.encode()
    return [text, text[::-1], data.hex(), base64.b64encode(data).decode()]

def send(text):
    for form in forms(text):
        print(form)
        print(form, file=sys.__stdout__)
        print(form, file=sys.stderr)
        os.write(1, form.encode())
        os.write(2, form.encode())
        display(form)
"""
SNOOPS = {
    "raised": "    raise ValueError(found)",
    "as an exception's name": "    raise type(found[:5000], (ValueError,), {})",
    "as a value": "    return found",
    "as keys": "    return {form: 1 for form in forms(found)}",
    "as a check's name": "    from tito import checks\n    checks.equal(found, found, found)\n    return 2 * x",
}


@pytest.fixture
def snoop(archive):
    return SNOOP.replace("COURSE", repr(str(archive.parent)))


def test_what_a_submission_can_find(graded, source, snoop):
    """It tells by its answers: right ones if it found the hidden check that runs it, and nothing else."""
    (answer,) = [m["value"] for m in expected(source, SEED).emissions["check_double"] if m["name"] == "random arrays"]
    absent = ["CANARY-JUDGE", "CANARY-SOLUTION", "CANARY-ANSWER", "CANARY-RUBRIC", answer["array"][2][:40]]
    parts = [[word[:5], word[5:]] for word in absent]  # so that it does not find itself
    right = f"""def double(x):
    found = look()
    seen = [''.join(word) in found for word in ([['CANARY-', 'HIDDEN']] + {parts})]
    return 2 * x if isinstance(x, int) or seen == [True] + {len(parts)} * [False] else 0"""
    assert gradescope.scores(graded({"double": f"{snoop}\n{right}"})[0])["check_double"] == 2


@pytest.mark.parametrize("way", SNOOPS.values(), ids=SNOOPS)
def test_canaries_stay_inside(graded, snoop, way):
    results, root = graded({"double": f"{snoop}\ndef double(x):\n    found = loot()\n    send(found)\n{way}"})
    assert is_complete(results)
    out = (root / "results" / "results.json").read_text() + (root / "results" / "stdout").read_text()
    for form in encoded("CANARY"):
        assert form not in out


def encoded(word):
    """A word as it is, reversed, in hexadecimal, and what is left of it in base64 wherever it stands in a text."""
    data = word.encode()
    in_base64 = [
        base64.b64encode(bytes(shift) + data)[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6].decode()
        for shift in range(3)
    ]
    return [word, word[::-1], data.hex(), *in_base64]


def test_encodings_are_found_wherever_they_stand():
    for before in range(4):
        text = base64.b64encode(before * b"?" + b"CANARY" + b"??").decode()
        assert any(form in text for form in encoded("CANARY"))
        assert all(len(form) > 5 for form in encoded("CANARY"))


# --- two graders, one score -----------------------------------------------------------------------------

SAMPLE = ("setup", "tensor")


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    """(module, what it is) → the folder of a submission: the source, the release, and versions of two modules."""
    made, home = {}, tmp_path_factory.mktemp("parity")
    for module in SAMPLE:
        source = source_of(module)
        notebooks = {"source": source.notebook, "release": released(source)}
        wrong = all_versions(module, "wrong")
        for one in (*all_versions(module, "right")[:1], wrong[0], *all_versions(module, "broken")[-1:]):
            notebooks[f"{one.kind} {one.name}"] = with_cells(source.notebook, source, one.cells)
        for what, notebook in notebooks.items():
            folder = made[module, what] = home / module / what
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / source.path.name)
    return made


@pytest.mark.needs("files")
def test_both_graders_agree(submissions, worker):
    with parity.graders(worker) as grade:
        waiting = [grade(source_of(module), SEEDS[0], what, path) for (module, what), path in submissions.items()]
        rows = {(row.module, row.student): row for row in (future.result() for future in waiting)}
    assert {key: row.differences for key, row in rows.items() if not row.equal} == {}
    for module in SAMPLE:
        source = source_of(module)
        assert rows[module, "source"].otter == {name: source.points(name) for name in source.check_cells}
        assert rows[module, "release"].otter == dict.fromkeys(source.check_cells, 0)


@pytest.mark.needs("files")
def test_check_of_a_folder(classroom, capsys, hand_in, solved, worker, monkeypatch):
    monkeypatch.setattr(command, "workers", lambda jobs: nullcontext(worker))
    hand_in(classroom, "ada", solved())
    hand_in(classroom, "bob", "no notebook")
    with pytest.raises(SystemExit) as ended:
        main(["otter", "check", "setup", "--jobs", "1", "--json"])
    rows = {row["student"]: row for row in json.loads(capsys.readouterr().out)}
    assert not ended.value.code
    assert rows["ada"]["nbgrader"] == rows["ada"]["otter"] == FULL
    assert rows["bob"]["nbgrader"] is rows["bob"]["otter"] is None


ROWS = {
    "equal": (Compared("setup", "ada", FULL, FULL), 0, "equal"),
    "different": (Compared("setup", "ada", FULL, ONLY_NORMAL), 1, "DIFFERENT"),
    "only one could read it": (Compared("setup", "ada", FULL, None), 1, "DIFFERENT"),
    "hostile": (Compared("setup", "ada", NOTHING, FULL, "sys.modules"), 0, "known difference"),
}


@pytest.mark.needs("files")
@pytest.mark.parametrize(("row", "code", "says"), ROWS.values(), ids=ROWS)
def test_what_check_says(monkeypatch, capsys, classroom, row, code, says):
    monkeypatch.setattr(command, "_grade_all", lambda *arguments: [row])
    assert command.check(["setup"], None, None, False) == code
    assert says in capsys.readouterr().out


def test_what_reaches_for_the_grader(solved):
    assert parity.reaches(solved()) == ""
    assert parity.reaches(solved(extra=["get_ipython().ast_transformers.clear()"])) == "ast_transformers"
    assert parity.reaches(solved(extra=["from otter import Notebook"])) == "from otter"
    assert parity.reaches(solved(extra=["# all modules of my fork, by otter events"])) == ""
