"""What it costs to shut a submission in: CPU of all that runs an empty notebook, this tree and another in turns.

    git worktree add --detach /tmp/before COMMIT && make --directory /tmp/before setup
    python benchmarks/shutting_in.py /tmp/before | tee benchmarks/shutting_in.log

A process for each tree runs empty submissions; in each turn, one after the other. CPU is user and system time of the
process that submissions are forked from, of all that it has forked, and of the grader.
"""

import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT, TURNS, MANY = Path(__file__).resolve().parents[1], 15, 20
RUN = f"""
import sys, tempfile
from pathlib import Path
import psutil
from autograder.engine import execute, process
from autograder.engine.execute import Job
from tito.limits import Limits

package = {{"tito/__init__.py": b"", "tito/checks.py": Path("tito/checks.py").read_bytes()}}
job = Job((("a", False, "1"),), {{}}, package, 7, Limits())

def used():
    processes = [psutil.Process(), psutil.Process(process._zygote().process.pid)]
    times = [one.cpu_times() for one in processes]
    return sum(t.user + t.system for t in times) + times[1].children_user + times[1].children_system

execute.execute(job)
for _ in sys.stdin:
    before = used()
    for _ in range({MANY}):
        assert not execute.execute(job).problems
    print(1000 * (used() - before) / {MANY}, flush=True)
"""


def main(other: str) -> None:
    """Print the medians for both trees, and that of the differences between turns."""
    trees = {"before": Path(other), "now": ROOT}
    running = {
        name: subprocess.Popen(
            [tree / ".venv" / "bin" / "python", "-c", RUN],
            cwd=tree,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, tree in trees.items()
    }
    found: dict[str, list[float]] = {name: [] for name in trees}
    for turn in range(TURNS):
        for name in trees if turn % 2 else reversed(trees):
            one = running[name]
            print(file=one.stdin, flush=True)
            found[name].append(float(one.stdout.readline()))
    for one in running.values():
        one.communicate()
    print(f"Python {platform.python_version()}, {platform.machine()}; {TURNS} turns of {MANY} empty submissions")
    for name, times in found.items():
        print(
            f"  {name:6} {statistics.median(times):6.1f} ms of CPU each (median; {min(times):.1f} to {max(times):.1f})"
        )
    more = statistics.median(now - before for before, now in zip(*found.values(), strict=True))
    print(f"  {more:+.1f} ms, the median of the differences")


if __name__ == "__main__":
    main(sys.argv[1])
