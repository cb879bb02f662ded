"""From an unpacked kit to the first green check, by the commands of QUICKSTART.md, with cold caches: seconds of each.

    tito release && tito kit && python benchmarks/cold_start.py | tee benchmarks/cold_start.log

pip, Jupyter and matplotlib have a home without caches, and packages come from the package index. Before the last
command the benchmark writes the first function of the course; the time that a student takes for that does not count.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
COMMANDS, SECONDS = 3, 180
HELLO = "    return f\"Hello {name.strip() or 'world'}, welcome to TinyTorch!\""
TEST, GREEN = "python bin/tito.py test --module setup", "ok       check_hello_tinytorch"
ACTIVATE = "source .venv/bin/activate"


def quick_start(workspace: Path) -> list[str]:
    """The commands of QUICKSTART.md from the folder of the workspace to the first check."""
    text = (workspace / "modules/setup/QUICKSTART.md").read_text(encoding="utf-8")
    block = text.partition("```bash\n")[2].partition("jupyter lab")[0]
    lines = [line.partition("  #")[0].strip() for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(("git clone", "cd "))] + [TEST]


def write_hello(workspace: Path) -> None:
    """Write the first function into the notebook."""
    path = workspace / "modules/setup/setup_dev.ipynb"
    notebook = nbformat.read(path, as_version=4)
    stub = next(cell for cell in notebook.cells if "def hello_tinytorch" in cell.source)
    stub.source = stub.source.partition("    # YOUR CODE HERE")[0] + HELLO
    nbformat.write(notebook, path)


def run(command: str, workspace: Path, environment: dict[str, str]) -> tuple[float, float, str]:
    """Type a command into bash. Returns its seconds by the clock and of CPU, and what it said."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        ["bash", "-c", command], cwd=workspace, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, used, done.stdout.decode(errors="replace")


def main() -> int:
    """Measure, and print. Returns the exit code."""
    load = f"{os.cpu_count()} cores, {os.getloadavg()[0]:.1f} processes waited for one before"
    print(f"{platform.machine()}, Python {platform.python_version()}, {load}")
    with tempfile.TemporaryDirectory() as folder:
        home, workspace = Path(folder), Path(folder, "TinyTorch")
        subprocess.run(["git", "clone", "--quiet", ROOT / "dist/TinyTorch", workspace], check=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON", "VIRTUAL"))}
        environment = kept | {"HOME": folder, "PIP_CACHE_DIR": str(home / "pip")}
        commands, total, said, first = quick_start(workspace), 0.0, "", f'python3() {{ "{sys.executable}" "$@"; }}\n'
        for command in commands:
            if command == TEST:
                write_hello(workspace)
            seconds, used, said = run(first + command, workspace, environment)
            total += seconds
            print(f"{seconds:6.1f} s, of these {used:5.1f} s of CPU   {command}", flush=True)
            first = f"{ACTIVATE}\n" if ACTIVATE in command else first
        reached = GREEN in said and len(commands) <= COMMANDS and total <= SECONDS
        print(f"{total:6.1f} s (at most {SECONDS}), {len(commands)} commands (at most {COMMANDS})")
        print("reached" if reached else f"NOT reached\n{said}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
