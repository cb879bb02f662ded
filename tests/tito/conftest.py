"""A student's workspace in a folder of its own: four small modules, of which the last is not released."""

import gzip
import hashlib
import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tito import programs
from tito.cli import main
from tito.console import console
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
COURSE = """\
course: tiny
title: Tiny
repository: Tiny
limits: {cell_seconds: 20, notebook_seconds: 60}
modules:
  - {name: setup, title: Setup, goal: Begin, prerequisites: [], minutes: 30, due: null}
  - {name: tensor, title: Tensor, goal: Go on, prerequisites: [setup], minutes: 60, due: null}
  - {name: mlp, title: MLP, goal: Train, prerequisites: [tensor], minutes: 90, due: null,
     milestone: mnist, target: ">95% accuracy on MNIST"}
  - {name: cnn, title: CNN, goal: See, prerequisites: [mlp], minutes: 90, due: null,
     milestone: cifar10, target: ">80% accuracy on CIFAR-10"}
"""
EMPTY = "    # YOUR CODE HERE\n    raise NotImplementedError()"
SOLUTIONS = {
    "double": '#| export\ndef double(x):\n    """Twice x."""\n    return 2 * x',
    "area": '#| export\ndef area(r):\n    """Of a circle."""\n    return math.pi * r * r',
    "quadruple": '#| export\ndef quadruple(x):\n    """Four times x."""\n    return double(double(x))',
    "train": '#| export\ndef train():\n    """Learn."""\n    return "learned"',
}


def markdown(name, text, **nbgrader):
    return {"cell_type": "markdown", "id": name, "metadata": _meta(name, nbgrader), "source": text}


def code(name, text, tags=(), **nbgrader):
    metadata = _meta(name, nbgrader) | ({"tags": list(tags)} if tags else {})
    base = {"cell_type": "code", "id": name, "metadata": metadata, "source": text}
    return base | {"outputs": [], "execution_count": None}


def _meta(name, nbgrader):
    if not nbgrader:
        return {}
    made = {"grade": False, "grade_id": name, "locked": True, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": made | nbgrader}


def given(name, text):
    return code(name, text, locked=True)


def stub(name):
    head = SOLUTIONS[name].rsplit("\n", 1)[0]
    return code(name, f"{head}\n{EMPTY}", solution=True, locked=False)


def check(name, text, points=1):
    return code(name, text, grade=True, points=points)


def reflection(name):
    return markdown(name, "YOUR ANSWER HERE", grade=True, solution=True, locked=False, points=2)


def notebook(*cells):
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


NOTEBOOKS = {
    "setup": notebook(
        markdown("title", "# Module 0: Setup\n\n> A small beginning.", locked=True),
        given("default_exp", "#| default_exp core.setup"),
        given("imports", "#| export\nimport math"),
        given("notebook_imports", "from tito import checks"),
        stub("double"),
        check("check_double", 'checks.equal("twice three", double(3), 6)', points=2),
        stub("area"),
        check("check_area", 'checks.close("unit circle", area(1), math.pi)'),
        code("demo", 'raise RuntimeError("a demo was run")', tags=["explore"]),
        reflection("reflect_size"),
    ),
    "tensor": notebook(
        markdown("title", "# Module 1: Tensor\n\n> More.", locked=True),
        given("default_exp", "#| default_exp core.tensor"),
        given("imports", "#| export\nfrom tinytorch.core.setup import double"),
        given("notebook_imports", "from tito import checks"),
        stub("quadruple"),
        check("check_quadruple", 'checks.equal("four times two", quadruple(2), 8)', points=3),
    ),
    "mlp": notebook(
        given("default_exp", "#| default_exp core.mlp"),
        given("notebook_imports", "from tito import checks"),
        stub("train"),
        check("check_train", 'checks.equal("trained", train(), "learned")', points=4),
    ),
}
TESTS = {
    "setup": "from tinytorch.core.setup import double\n\n\ndef test_double():\n    assert double(4) == 8\n",
    "tensor": "from tinytorch.core.tensor import quadruple\n\n\ndef test_quadruple():\n    assert quadruple(1) == 4\n",
    "mlp": "from tinytorch.core.mlp import train\n\n\ndef test_train():\n    assert train() == 'learned'\n",
}


@dataclass
class Done:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Home:
    """The workspace, and what a student does in it."""

    solutions = SOLUTIONS

    def __init__(self, root: Path, capsys, monkeypatch):
        self.root, self.capsys, self.monkeypatch = root, capsys, monkeypatch

    def __truediv__(self, name) -> Path:
        return self.root / name

    @property
    def workspace(self) -> Workspace:
        return Workspace.find(self.root)

    def tito(self, *arguments) -> Done:
        """Run a command in this process."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        captured = self.capsys.readouterr()
        return Done(left.value.code or 0, captured.out, captured.err)

    def interrupt(self, *arguments, when) -> Done:
        """Run a command in a process of its own and press Ctrl-C as soon as `when()` holds."""
        command = [sys.executable, "-m", "tito.cli", *arguments]
        process = subprocess.Popen(command, cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 300
        while not when() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
        return Done(process.returncode, out, err)

    @staticmethod
    def git(folder, *arguments) -> str:
        identity = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def commit(self, folder, message) -> None:
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "--quiet", "--message", message)

    def correct(self, upstream, **texts) -> None:
        """Change cells of setup, or add one, in the course."""
        path = upstream / "modules" / "setup" / "setup_dev.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = texts.pop(cell["id"], cell["source"])
        for name, text in texts.items():
            notebook["cells"].insert(6, {**notebook["cells"][5], "id": name, "metadata": {}, "source": text})
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")
        shutil.copy(path, upstream / ".tito/released/setup/setup_dev.ipynb")
        self.commit(upstream, "correct")

    def path(self, module) -> Path:
        return self.root / "modules" / module / f"{module}_dev.ipynb"

    def read(self, module) -> dict:
        return json.loads(self.path(module).read_text(encoding="utf-8"))

    def write(self, module, content) -> None:
        """Put a notebook there, as JupyterLab writes it: text as it is, in UTF-8."""
        text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)
        self.path(module).write_text(text, encoding="utf-8")

    def edit(self, module, cell, text) -> None:
        """Replace a cell's text."""
        content = self.read(module)
        next(found for found in content["cells"] if found["id"] == cell)["source"] = text
        self.write(module, content)

    def delete(self, module, cell) -> None:
        content = self.read(module)
        content["cells"] = [found for found in content["cells"] if found["id"] != cell]
        self.write(module, content)

    def solve(self, module) -> None:
        for cell in self.read(module)["cells"]:
            if cell["id"] in SOLUTIONS:
                self.edit(module, cell["id"], SOLUTIONS[cell["id"]])

    def due(self, module, when) -> None:
        """Set a deadline in course.yml."""
        head, name, tail = COURSE.partition(f"name: {module},")
        (self.root / "course.yml").write_text(head + name + tail.replace("due: null", f"due: {when}", 1))

    def files(self) -> dict:
        """Every file and its bytes, to see that nothing changed; without the logs, which say what failed."""
        paths = (path for path in sorted(self.root.rglob("*")) if path.is_file())
        return {path: path.read_bytes() for path in paths if path.parent != self.root / ".tito" / "logs"}

    def dataset(self, monkeypatch) -> dict:
        """Stand-ins for the four files of MNIST; their gzipped bytes."""
        from tito import datasets

        names = list(datasets.DATASETS["mnist"].files)
        raw = {name: name.encode() * 1000 for name in names}
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in raw.items()}
        mirrors = ("http://one.invalid/", "http://two.invalid/")
        monkeypatch.setitem(datasets.DATASETS, "mnist", datasets.Dataset("MNIST", mirrors, sums))
        return {name: gzip.compress(content) for name, content in raw.items()}

    def archive(self, monkeypatch, mirrors=("http://one.invalid/",)) -> "Packed":
        """A stand-in for CIFAR-10: six files with two images of each class in each, and the archive of them."""
        from tito import datasets

        files = {}
        for number, name in enumerate(datasets.DATASETS["cifar10"].files):
            records = (bytes([label]) + bytes([number * 20 + label]) * 3072 for label in [*range(10)] * 2)
            files[name] = b"".join(records)
        packed = Packed(files, Packed.pack({f"cifar-10-batches-bin/{name}": files[name] for name in files}))
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        digest = hashlib.sha256(packed.archive).hexdigest()
        tiny = replace(datasets.DATASETS["cifar10"], mirrors=mirrors, files=sums, digest=digest, each=2)
        monkeypatch.setitem(datasets.DATASETS, "cifar10", tiny)
        return packed


@dataclass
class Packed:
    """Files, and the tar.gz that holds them."""

    files: dict
    archive: bytes

    @staticmethod
    def pack(members) -> bytes:
        """A tar.gz of name -> content, beside them a member that nobody wants."""
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w:gz") as tar:
            for name, content in {"../outside.bin": b"out", "cifar-10-batches-bin/readme.html": b"", **members}.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return made.getvalue()

    def copy(self, change=lambda name, content: content[:-1] + b"\0") -> dict:
        """The files with other pixels: same sizes and labels, other bytes."""
        return {name: change(name, content) for name, content in self.files.items()}

    def write(self, folder, files=None) -> None:
        """Put files there, by default the published ones."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (self.files if files is None else files).items():
            (folder / name).write_bytes(content)


@pytest.fixture
def home(tmp_path, monkeypatch, capsys):
    root = tmp_path / "Tiny"
    for module, content in NOTEBOOKS.items():
        text = json.dumps(content, indent=1)
        for path in (root / "modules" / module, root / ".tito/released" / module):
            path.mkdir(parents=True)
            (path / f"{module}_dev.ipynb").write_text(text)
        (root / "tests").mkdir(exist_ok=True)
        (root / "tests" / f"test_{module}.py").write_text(TESTS[module])
    (root / "course.yml").write_text(COURSE)
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "200")
    console.cache_clear()  # it keeps the width that it was made with
    monkeypatch.delenv("TINYTORCH_DATA", raising=False)
    return Home(root, capsys, monkeypatch)


@pytest.fixture
def course(home, tmp_path, monkeypatch):
    """Where the student's workspace was cloned from; the workspace is the current folder."""
    shutil.copytree(ROOT / "bin", home / "bin")
    shutil.copytree(ROOT / "tito", home / "tito", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "student" / "gitattributes", home / ".gitattributes")
    shutil.copy(ROOT / "student" / "gitignore", home / ".gitignore")
    upstream = tmp_path / "course"
    shutil.copytree(home.root, upstream)
    home.git(upstream, "init", "--quiet", "--initial-branch=main")
    home.commit(upstream, "release")
    shutil.rmtree(home.root)
    home.git(tmp_path, "clone", "--quiet", str(upstream), str(home.root))
    monkeypatch.chdir(home.root)
    return upstream


@pytest.fixture
def instructor(home):
    """The same as an instructor's copy."""
    shutil.move(home / "modules", home / "source")
    shutil.rmtree(home / ".tito")
    return home


class Cells:
    """The factories, for tests that build a notebook of their own."""

    code, given, stub, check = map(staticmethod, (code, given, stub, check))
    markdown, reflection, notebook = map(staticmethod, (markdown, reflection, notebook))


@pytest.fixture
def cells():
    return Cells


@pytest.fixture
def full_disk(monkeypatch):
    """A function: from then on the disk is full where git does one thing, such as clone. All else goes on."""

    def fill(what):
        real = programs.call

        def call(command, *rest, **options):
            if command[0] == "git" and what in command:
                return programs.Answer(128, b"", "fatal: write error: No space left on device\n")
            return real(command, *rest, **options)

        monkeypatch.setattr(programs, "call", call)

    return fill
