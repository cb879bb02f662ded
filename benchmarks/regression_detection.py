"""How often a regression test finds a planted slowdown, and how often it raises an alarm without a reason.

    python benchmarks/regression_detection.py [TRIALS]      (about 1.5 seconds a trial)

Claim: of 200 trials, at least 90 % find a slowdown of 10 %, and at most 5 % raise an alarm about unchanged code.

Every run is a process of its own, as in real life: it measures a layer ten times ("unchanged"), once more the same
("again"), and eleven times ("slowed"), and writes a baseline file. A trial compares a run with the file of the run
before. Beside that, within each run, "again" and "slowed" are compared with "unchanged", with which they took turns.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from tinytorch.core.benchmarking import (
    Suite,
    check_regressions,
    compare,
    environment,
    exit_code,
    load_baseline,
    save_baseline,
    summarize,
)
from tinytorch.core.mlp import Linear
from tinytorch.core.tensor import Tensor

ROUNDS = 300


def measure(path):
    """One run: three benchmarks, the last with exactly 10 % more work, and a baseline file."""
    rng = np.random.default_rng(0)
    layer, x = Linear(128, 128, rng), Tensor(rng.standard_normal((32, 128)).astype(np.float32))
    suite = Suite(ROUNDS, seed=int.from_bytes(os.urandom(4)), timer=time.perf_counter)
    for name, count in {"unchanged": 10, "again": 10, "slowed": 11}.items():
        suite.add(name, lambda count=count: [layer(x) for _ in range(count)])
    save_baseline(path, suite.run(), environment())


def percent(values):
    return f"{100 * np.mean(values):.1f} %"


def main(trials):
    against_file, in_turns, medians, noise, load = [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        old = None
        for i in range(trials + 1):
            path = Path(folder) / f"{i}.json"
            subprocess.run([sys.executable, __file__, "--measure", path], check=True)
            new, around = load_baseline(path)
            if old:
                before = {"layer": old["unchanged"]}
                codes = [exit_code(check_regressions(before, {"layer": new[name]})) for name in ("unchanged", "slowed")]
                against_file.append(codes)
            same, slow = (compare(new["unchanged"].seconds, new[name].seconds).verdict for name in ("again", "slowed"))
            in_turns.append([same == "slower", slow == "slower"])
            said, ruler = summarize(new["unchanged"].seconds), summarize(new["unchanged"].yardstick)
            medians.append([said["median"], said["median"] / ruler["median"]])
            noise.append(said["noise"])
            load.append(around["load"])
            old = new
    against_file, in_turns, medians = np.array(against_file), np.array(in_turns[1:]), np.array(medians)
    swing = medians.max(axis=0) / medians.min(axis=0) - 1
    print(
        f"{around['processor']}, {around['cores']} cores, load {min(load)} to {max(load)}, {time.strftime('%Y-%m-%d')}"
    )
    print(f"{around['libraries']}; Python {around['python']}, numpy {around['numpy']}")
    print(f"noise within a run: {np.median(noise):.1%} (half of the runs), at most {max(noise):.1%}")
    print(f"medians of the {trials + 1} runs lie {swing[0]:.1%} apart in seconds, {swing[1]:.1%} in yardsticks\n")
    print(f"{trials} trials, {ROUNDS} rounds each         found 10 % more work   false alarms")
    for name, outcomes in (("against a baseline file", against_file), ("taking turns", in_turns)):
        print(f"{name:34} {percent(outcomes[:, 1]):>20} {percent(outcomes[:, 0]):>14}")
    fine = against_file[:, 1].mean() >= 0.9 and against_file[:, 0].mean() <= 0.05
    print(f"\nclaim {'holds' if fine else 'DOES NOT HOLD'}")
    return 0 if fine else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
    else:
        sys.exit(main(int((sys.argv[1:] or [200])[0])))
