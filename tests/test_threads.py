"""Training beside serving: a sample of what benchmarks/threads.py does for ten minutes."""

import runpy
from pathlib import Path

from threadpoolctl import threadpool_limits

THREADS = Path(__file__).parents[1] / "benchmarks" / "threads.py"


def test_nobody_notices_what_other_threads_do():
    with threadpool_limits(1):
        counts, faults = runpy.run_path(str(THREADS))["soak"](2)
    assert not faults
    assert sorted(counts) == ["listen", "serve", "train"], "each of them was done"
