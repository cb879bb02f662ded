"""What several measurements of the same say together, and whether the machine was too busy to say anything."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

ENOUGH = 1.4  # two threads of one core, which share its arithmetic, reach about this
SCATTER = 0.25  # the usual repetition may be slower than the fastest by this share


def typical(rounds):
    """The median of what was measured in several rounds; says so, where the rounds differ too much to be believed.

    rounds: one list of numbers, or one dict of names and numbers, for each round
    """
    names = list(rounds[0]) if isinstance(rounds[0], dict) else None
    measured = np.array([list(one.values()) if names else one for one in rounds], dtype=float)
    median = np.median(measured, axis=0)
    scatter = float(np.median(median / measured.min(axis=0) - 1))
    if scatter > SCATTER:
        print(
            f"Your machine is busy: repetitions took {100 * scatter:.0f} % longer than the fastest, in the middle.\n"
            "Close what you don't need, and run this cell again before you believe the picture."
        )
    return dict(zip(names, median.tolist(), strict=True)) if names else median.tolist()


def second_core(gain=None):
    """Say how much more two threads compute than one: on a busy machine, or on a single core, hardly more.

    gain: how many times as much work two threads do, in the same time; None: measured now
    """
    gain = _gain() if gain is None else gain
    print(f"At this moment, two threads of this machine compute {gain:.1f} times as much as one.")
    if gain < ENOUGH:
        print("So a second thread can't help with work here: its core is busy, or there is none.")


def _gain(tries=7):
    """Hashing needs no memory and no interpreter lock. The best of some tries, in turns."""
    block, times = bytes(1 << 21), {1: [], 2: []}
    with ThreadPoolExecutor(2) as pool:
        for threads in (1, 2) * tries:
            start = time.perf_counter()
            list(pool.map(lambda _: hashlib.sha256(block).digest(), range(threads)))
            times[threads].append(time.perf_counter() - start)
    return 2 * min(times[1]) / min(times[2])
