"""Running submissions: whatever one does, it costs its own points and a limited time, and it gains nothing."""

import copy
import dataclasses
import os
import resource
import threading
from pathlib import Path

import pytest

from autograder.engine import process
from autograder.engine.execute import execute, laid_over
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.jobs import job_of
from autograder.judging.judge import judge
from autograder.judging.source import Source
from autograder.judging.step import run_and_judge
from tito import checks
from tito.limits import Limits
from tito.workspace import UserError

SEED = 7
LIMITS = {"cell_seconds": 2, "notebook_seconds": 12}
TIGHT = {"cpu_seconds": 30, "memory_mb": 1000, "processes": 32, "files_mb": 16, "reports_mb": 16}
PATIENT = {"cell_seconds": 30, "notebook_seconds": 60}  # for what must end by itself
FULL = {"check_double": 2, "check_normal": 3, "check_both": 4}
ONLY_NORMAL = {"check_double": 0, "check_normal": 3, "check_both": 0}
NOTHING = dict.fromkeys(FULL, 0)
WRONG = {"double": "def double(x):\n    return x", "normal": "def normal(n):\n    return n * [0.0]"}

SOCKETS = """import json, os, stat, struct
def is_socket(fd):
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False
def send(data):
    for fd in filter(is_socket, map(int, os.listdir('/proc/self/fd'))):
        os.write(fd, data)
"""


@pytest.fixture(scope="session")
def graded(shut_in, source, solved):
    """A function that runs and judges a submission: what the run says, and grade_id → points."""

    def grade(cells=None, extra=(), files=None, limits=LIMITS):
        notebook, _ = mend(solved(cells, extra), source)
        job = dataclasses.replace(job_of(notebook, source, SEED, files or {}), limits=Limits(**TIGHT, **limits))
        run = execute(job)
        found = judge(source, expected(source, SEED).emissions, run.emissions, run.problems)
        return run, {verdict.grade_id: verdict.earned for verdict in found}

    return grade


def test_an_honest_submission(graded):
    run, points = graded()
    assert points == FULL
    assert run.problems == {}
    assert run.notes == []


# --- what must cost nothing -----------------------------------------------------------------------

HARMLESS = {
    "noise on stderr": "import sys, warnings\nprint('noise', file=sys.stderr)\nwarnings.warn('noise')",
    "an error": "1 / 0",
    "a syntax error": "def (:",
    "sys.exit": "import sys\nsys.exit(1)",
    "exit": "exit()",
    "an interrupt": "raise KeyboardInterrupt",
    "names of checks and builtins": "checks = print = display = list = None",
    "no stdout": "import sys\nsys.stdout = sys.stderr = None",
    "another stdout": "import io, sys\nsys.stdout = io.StringIO()\nsys.stdout.close()",
    "closed descriptors": "import os\nos.close(0)\nos.close(1)\nos.close(2)",
    "another folder": "import os\nos.chdir('/')",
    "no folder": "import os, shutil\nshutil.rmtree(os.getcwd())",
    "no environment": "import os\nos.environ.clear()",
    "other seeds": "import random, numpy\nrandom.seed(1)\nnumpy.random.seed(1)",
    "used up randomness": "from tito import checks\nchecks.rng.random(100)\nchecks.begin('mine')",
    "own checks": "from tito import checks\nchecks.reference('random arrays', 1)\nchecks.equal('twice three', 1, 2)",
    "a thread that lingers": "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()",
    "a busy thread": "import threading\ndef spin():\n    while True: pass\n"
    "threading.Thread(target=spin, daemon=True).start()",
    "cleared output": "from IPython.display import clear_output\nclear_output()",
    "magics": "%timeit -n1 -r1 1 + 1\n!true",
    "warnings as errors": "import warnings\nwarnings.simplefilter('error')",
    "errors for small numbers": "import numpy\nnumpy.seterr(all='raise')",
    "patched comparisons": "import numpy\nnumpy.allclose = numpy.isclose = numpy.array_equal = lambda *a, **k: True",
    "a deep stack": "import sys\nsys.setrecursionlimit(10**6)",
    "a small stack": "def f():\n    return f()\nf()",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_harmless(graded, text):
    run, points = graded(extra=[text], limits=PATIENT)
    assert points == FULL
    assert run.notes == []


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_harmless_gains_nothing(graded, text):
    assert graded(WRONG, [text], limits=PATIENT)[1] == NOTHING


ENDLESS = "import time\nwhile True: time.sleep(0.1)"  # busy loops: test_clock.py, and the bombs of test_attacks.py
FATAL = {
    "os._exit": ("import os\nos._exit(0)", "ended the Python process"),
    "a signal": ("import os\nos.kill(os.getpid(), 9)", "ended the Python process"),
    "a crash": ("import ctypes\nctypes.string_at(0)", "ended the Python process"),
    "an endless loop": (ENDLESS, "took longer than 2 s"),
    "a loop that swallows exceptions": (
        "import time\nwhile True:\n    try:\n        while True: time.sleep(0.1)\n    except BaseException: pass",
        "took longer than 2 s",
    ),
    "a long sleep": ("import time\ntime.sleep(99)", "took longer than 2 s"),
    "a stopped process": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "took longer than 2 s"),
    "a message that never ends": (SOCKETS + "send(b'\\0')\n" + ENDLESS, "took longer than 2 s"),
    "a message that drips": (
        SOCKETS + "import time\nsend(struct.pack('!i', 10**6))\nwhile True:\n    send(b' ')\n    time.sleep(.1)",
        "took longer than 2 s",
    ),
    "a message of 2 GB": (SOCKETS + "send(struct.pack('!i', 2**31 - 1))", "reported more than 16 MB"),
    "a negative message": (SOCKETS + "send(struct.pack('!i', -1))", "wrote into the grader's channel"),
    "no JSON": (SOCKETS + "send(struct.pack('!i', 3) + b'abc')", "wrote into the grader's channel"),
    "other JSON": (SOCKETS + "send(struct.pack('!i', 2) + b'[]')", "wrote into the grader's channel"),
    "deep JSON": (SOCKETS + "send(struct.pack('!i', 90_000) + b'[' * 90_000)", "wrote into the grader's channel"),
    "a number of many digits": (
        SOCKETS + "send(struct.pack('!i', 90_000) + b'1' * 90_000)",
        "wrote into the grader's channel",
    ),
    "too much to report": (
        "import numpy\nfrom tito import checks\nfor n in range(9): checks.claim(str(n), numpy.zeros(500_000))",
        "reported more than 16 MB",
    ),
    "a display that is no JSON": (
        "from IPython.display import publish_display_data\nfrom tito import checks\n"
        "publish_display_data({checks.MIME: object()})",
        "ended the Python process",
    ),
}


@pytest.mark.parametrize(("text", "says"), FATAL.values(), ids=FATAL)
def test_a_cell_of_ones_own_that_ends_the_process_costs_nothing(graded, text, says):
    run, points = graded(extra=[text])
    assert points == FULL
    assert run.notes == [f"a cell of the student: {says}"]
    assert run.seconds < 6


BESIDE_AN_ANSWER = {
    "a program": "!pip install numpy",
    "a magic that starts one": "%pip install numpy",
    "what a program says": "files = !ls\nlen(files), files.n",
    "exit": "exit()",
    "quit": "quit()",
    "names of the graders": "_test = globals = vars = name = points = run = env = VISIBLE = HIDDEN = None",
    "an await": "import asyncio\nawait asyncio.sleep(0)",
}


@pytest.mark.parametrize("text", BESIDE_AN_ANSWER.values(), ids=BESIDE_AN_ANSWER)
def test_what_goes_on_in_jupyterlab_goes_on(graded, text):
    """A line in the cell of an answer, above the answer."""
    run, points = graded({"double": f"{text}\ndef double(x):\n    return 2 * x"})
    assert points == FULL
    assert run.problems == {}


IN_SOLUTION = {
    "os._exit": "import os; os._exit(0)",
    "an endless loop": """
    while True:
        try:
            while True: __import__("time").sleep(0.1)
        except BaseException: pass""",
    "an interrupt": "raise KeyboardInterrupt",
    "sys.exit": "raise SystemExit",
    "an exception that can't be printed": "\n    class E(Exception):\n        __str__ = None\n    raise E",
    "a value that can't be reported": "return object()",
    "a value in itself": "a = []; a.append(a); return a",
    "a value without end": """
    import sys
    sys.setrecursionlimit(10**6)
    a = [1]
    for _ in range(10**5): a = [a, a]
    return a""",
    "a long text": "return 'x' * 10**8",
    "many lists": "return [[x]] * 10**6",
    "an exception of an odd class": """
    class E(TypeError):
        def __str__(self): return 3
    raise E""",
    "a value that lies": """
    class L(list):
        __iter__ = None
        __eq__ = lambda *a: True
    return L()""",
}


@pytest.mark.parametrize("text", IN_SOLUTION.values(), ids=IN_SOLUTION)
def test_a_solution_that_ends_badly_costs_its_own_points(graded, text):
    run, points = graded({"double": f"def double(x):\n    {text}"})
    assert points == ONLY_NORMAL
    assert run.seconds < 10


REFUSED = {
    "a set": ("{x}", "(a check takes numbers, arrays, strings, lists and dicts, not set)"),
    "a generator": ("(n for n in [x])", "(a check takes numbers, arrays, strings, lists and dicts, not generator)"),
    "a list in itself": ("(a := [], a.append(a))[0]", "(a check takes no list that contains itself)"),
    "much": ("'x' * 10**8", "(a check takes at most 4,000,000 bytes)"),
}


@pytest.mark.parametrize(("value", "said"), REFUSED.values(), ids=REFUSED)
def test_a_value_that_no_check_takes_is_no_exception(source, solved, shut_in, value, said):
    """Nothing was raised, and no verdict says so."""
    notebook, _ = mend(solved({"double": f"def double(x):\n    x = str(x)\n    return {value}"}), source)
    run, judged = run_and_judge(notebook, source, SEED, {})
    visible, _, hidden = judged[0].lines
    assert (visible.reason, visible.got) == (checks.UNREPORTABLE, said)
    assert hidden.reason == checks.UNREPORTABLE
    assert [verdict.earned for verdict in judged] == [0, 3, 0]
    assert (run.problems, run.notes) == ({}, [])


def test_numbers_that_differ_are_told_apart(source, solved, shut_in):
    cells = {"double": "import numpy\ndef double(x):\n    return numpy.float64(2 * x) + 2**-30"}
    line = run_and_judge(mend(solved(cells), source)[0], source, SEED, {})[1][0].lines[0]
    assert (line.want, line.got) == ("6", "6.000000000931323")


def test_a_text_that_is_nested_too_deeply_for_python_costs_its_own_points(source, solved, shut_in):
    """Python raises a MemoryError for it, also in the grader, which looks which names it has."""
    text = f"def double(x):\n    return 2 * x\ny = {'-' * 100_000}1"
    _, judged = run_and_judge(mend(solved({"double": text}), source)[0], source, SEED, {})
    assert {verdict.grade_id: verdict.earned for verdict in judged} == ONLY_NORMAL


def test_a_solution_cell_that_dies_is_left_out_of_the_replay(graded):
    run, points = graded({"double": "import os\nos._exit(1)"}, ["kept = 1"])
    assert points == ONLY_NORMAL
    assert run.problems["double"] == "ended the Python process"
    assert run.problems["check_double"] == "stopped with NameError"


def test_cells_after_a_death_see_what_came_before_it(graded):
    normal = "def normal(n):\n    return [random.gauss(0, kept) for _ in range(n)]"
    dies = "def double(x):\n    import os; os._exit(1)"
    assert graded({"double": dies, "normal": normal}, ["kept = 1"])[1] == ONLY_NORMAL


def test_the_limit_of_the_whole_notebook(graded):
    limits = {"cell_seconds": 2, "notebook_seconds": 3}
    run, points = graded(extra=[ENDLESS] * 4, limits=limits)
    assert points == NOTHING
    assert run.notes[-1] == "stopped after 3 s, the limit of the whole notebook"
    assert set(run.problems.values()) == {"was not reached in the time of the whole notebook"}
    assert run.seconds < 6


# --- what must gain nothing -----------------------------------------------------------------------

TAMPERING = {
    "checks that say nothing": "from tito import checks\n"
    "checks.equal = checks.raises = checks.reference = checks.claim = lambda *a, **k: None",
    "checks that compare with themselves": "from tito import checks\nchecks._grading = None",
    "a judge that is always content": "from tito import checks\n"
    "checks.difference = checks._difference = lambda *a, **k: None",
    "emissions that say passed": "from tito import checks\nfrom IPython.display import publish_display_data as p\n"
    "checks._emit = lambda kind, name, got, **o: p({checks.MIME: {'kind': kind, 'name': name, 'passed': True}})",
    "emissions with their own tolerance": "from tito import checks\nemit = checks._emit\n"
    "checks._emit = lambda kind, name, got, **o: emit(kind, name, got, rtol=1e99, atol=1e99)",
    "emissions of nothing at all": "from tito import checks\nchecks.plain = lambda value: float('nan')",
    "known random numbers": "from tito import checks\nimport numpy\n"
    "checks.rng._generator = numpy.random.default_rng(0)\nchecks.begin = checks._Random.begin = lambda *a: None",
    "zeros for random numbers": "from tito import checks\nimport numpy\n"
    "checks._Random.__getattr__ = lambda *a: lambda *b: numpy.zeros((3, 4))",
    "a transformer that strips asserts": "import ast\nclass T(ast.NodeTransformer):\n"
    "    def visit_Assert(self, node): return ast.Pass()\n    def visit_Raise(self, node): return ast.Pass()\n"
    "get_ipython().ast_transformers.append(T())",
    "a transformer that strips checks": "import ast\nclass T(ast.NodeTransformer):\n"
    "    def visit_Expr(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(T())",
    "a transformer that rewrites checks": "import ast\nclass T(ast.NodeTransformer):\n"
    "    def visit_Call(self, node):\n        node.args[1:2] = node.args[2:3] or node.args[1:2]\n        return node\n"
    "get_ipython().ast_transformers.append(T())",
    "a text transformer": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
    "another collector": "shell = get_ipython()\nshell.display_pub.publish = lambda data, *a, **k: None",
    "a forged reply": SOCKETS + "text = json.dumps({'messages': [], 'raised': None}).encode()\n"
    "send(10 * (struct.pack('!i', len(text)) + text))",
    "a fork": "import os\nos.fork()",
    "checks of one's own in their place": "import sys, types\nfake = types.ModuleType('checks')\n"
    "fake.__getattr__ = lambda name: lambda *a, **k: None\nsys.modules['tito.checks'] = fake\n"
    "sys.modules['tito'].checks = fake",
}


@pytest.mark.parametrize("text", TAMPERING.values(), ids=TAMPERING)
def test_tampering_gains_nothing(graded, text):
    assert graded(WRONG, [text])[1] == NOTHING


def test_forged_emissions_with_known_values_gain_nothing(graded):
    """Everything that a student can read off the visible checks, reported under every name."""
    text = """def double(x):
    from tito import checks
    for value in (6, 0, 1, True, None, [], "TypeError"):
        for kind in ("close", "equal", "raises", "reference", "claim"):
            for name in ("twice three", "no text", "random arrays", "doubled once", "doubled twice"):
                checks._emit(kind, name, value)
    return 6"""
    assert graded({"double": text})[1] == ONLY_NORMAL


# --- what must not reach the grader ---------------------------------------------------------------


def test_floods_of_output_sink_nobody(graded, capfd):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flood = "import os, sys\nprint('x' * 200_000_000)\nos.write(1, b'x' * 10**7)\nos.system('echo shell')\n'x' * 10**8"
    run, points = graded({"double": "def double(x):\n    print('x' * 50_000_000)\n    return 2 * x"}, [flood])
    assert points == FULL
    assert run.seconds < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert graded(extra=["while True: print('x' * 99_999)"])[1] == FULL
    assert capfd.readouterr() == ("", "")


def test_many_parts_in_a_short_reply_are_refused():
    with pytest.raises(process.TooMuch, match="500,000 parts"):
        process._parsed(b"[" + b"[]," * 5_000_000 + b"1]")


def test_nothing_is_left_running(graded):
    mine = f"61.{os.getpid()}"
    graded(extra=[f"import subprocess\nsubprocess.Popen(['sleep', '{mine}'])\nraise SystemExit"])
    graded(extra=[f"import os, subprocess\nsubprocess.Popen(['sleep', '{mine}'])\nos._exit(0)"])
    left = [_command_line(path) for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert f"sleep\0{mine}\0".encode() not in left


def _command_line(path):
    try:
        return path.read_bytes()
    except OSError:  # it has just ended
        return b""


def test_the_process_knows_nothing_of_the_grader(graded, monkeypatch):
    monkeypatch.setenv("SECRET", "canary")
    text = """def double(x):
    import os
    return 0 if 'SECRET' in os.environ or 'tinytorch-' not in os.getcwd() else 2 * x"""
    assert graded({"double": text})[1] == FULL


FILES = {
    "a file called as a package": {"tito": b"", "tinytorch": b""},
    "files below a file": {"tito/checks.py/a": b"", "tinytorch/core/__init__.py/b": b""},
    "own packages": {"tito/__init__.py": b"1 / 0", "tito/checks.py": b"1 / 0", "tito/checks/__init__.py": b"1 / 0"},
    "names of libraries": {"numpy.py": b"1 / 0", "random.py": b"1 / 0", "IPython/__init__.py": b"1 / 0"},
    "odd names": {"\udcff\udcfe.txt": b"", "a b\n.txt": b"", "-rf": b""},
    "startup files": {"sitecustomize.py": b"1 / 0", "usercustomize.py": b"1 / 0", "ipython_config.py": b"1 / 0"},
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_files_that_were_handed_in_harm_nobody(graded, files):
    assert graded(files=files)[1] == FULL


def test_given_files_win():
    assert laid_over({"a": b"1", "b/c": b"1", "d": b"1"}, {"a": b"2", "b": b"2", "d/e": b"2"}) == {
        "a": b"2",
        "b": b"2",
        "d/e": b"2",
    }


# --- the grader's own side ------------------------------------------------------------------------


def test_a_source_that_does_not_run_is_refused(source):
    broken = Source(source.workspace, "setup")
    notebook = copy.deepcopy(source.notebook)
    notebook.cells[4].source = "1 / 0"
    broken.__dict__["notebook"] = notebook
    with pytest.raises(UserError, match=r"does not run: .*check_double stopped with NameError"):
        expected(broken, SEED)


@pytest.mark.needs("files")
def test_the_same_seed_gives_the_same_inputs_and_another_gives_others(source):
    one, two, other = (execute(job_of(source.notebook, source, seed, {})).emissions for seed in (1, 1, 2))
    assert one == two
    assert one["check_double"][2] != other["check_double"][2]


@pytest.mark.needs("files")
def test_hidden_text_is_not_in_a_run_without_it(source):
    job = job_of(source.notebook, source, SEED, {}, hidden=False)
    assert "CANARY-HIDDEN" not in str(job.cells)
    assert [message["name"] for message in execute(job).emissions["check_double"]] == ["twice three", "no text"]


def test_judges_never_enter_the_process(source):
    assert "CANARY-JUDGE" not in str(job_of(source.notebook, source, SEED, {}).cells)


def test_stop_ends_what_runs_in_other_threads(graded, monkeypatch):
    limits, begun, real = {"cell_seconds": 600, "notebook_seconds": 900}, threading.Event(), process.Process._receive

    def receive(self, clock):
        if clock.seconds == limits["cell_seconds"]:
            begun.set()
        return real(self, clock)

    monkeypatch.setattr(process.Process, "_receive", receive)
    thread = threading.Thread(target=_quietly, args=(graded, [ENDLESS], limits))
    thread.start()
    assert begun.wait(300)
    process.stop()
    thread.join(300)
    assert not thread.is_alive()
    assert graded()[1] == FULL


def _quietly(graded, extra, limits):
    with pytest.raises((OSError, RuntimeError)):
        graded(extra=extra, limits=limits)
