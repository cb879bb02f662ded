"""What several measurements of the same say together, and whether the machine was too busy to say anything.

A round measures everything once. So whatever happens to the machine meanwhile happens to all that is compared.
"""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

ENOUGH = 1.4  # two threads of one core, which share its arithmetic, reach about this
POSSIBLE = 2.2  # more is no gain: something else held up the single thread
SCATTER = 0.25  # the usual repetition may be slower than the fastest by this share


def typical(rounds):
    """The median of what was measured in several rounds; says so, where the rounds differ too much to be believed.

    rounds: one list of numbers, or one dict of names and numbers, for each round
    """
    return _together(rounds, np.median)


def fastest(rounds):
    """As `typical`, but the smallest: what the code can do. Other programs can only make it slower."""
    return _together(rounds, np.min)


def in_turns(calls, rounds=7):
    """Seconds of the fastest call of each function, measured in turns, after a call of each that does not count.

    calls: dict name → function without arguments
    Returns a dict name → seconds.
    """
    for call in calls.values():
        call()
    return fastest([{name: _seconds(call) for name, call in calls.items()} for _ in range(rounds)])


def _seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _together(rounds, one_of):
    names = list(rounds[0]) if isinstance(rounds[0], dict) else None
    measured = np.array([list(one.values()) if names else one for one in rounds], dtype=float)
    scatters = np.median(measured, axis=0) / measured.min(axis=0) - 1
    scatter = float(np.median(scatters))
    if scatter > SCATTER:
        most = f" Most of all: {_words(names[int(np.argmax(scatters))])}." if names else ""
        print(
            f"Your machine is busy: the usual repetition took {100 * scatter:.0f} % longer than the fastest.{most}\n"
            "Close what you don't need, and run this cell again before you believe the picture."
        )
    numbers = one_of(measured, axis=0).tolist()
    return dict(zip(names, numbers, strict=True)) if names else numbers


def _words(name):
    """A name as words, also where it has several parts: ("step", 4) is "step, 4"."""
    return ", ".join(map(str, name)) if isinstance(name, tuple) else name


def second_core(gain=None):
    """Say how much more two threads compute than one: on a busy machine, or on a single core, hardly more.

    gain: how many times as much work two threads do, in the same time; None: measured now
    """
    gain = _gain() if gain is None else gain
    if gain > POSSIBLE:
        print(f"Your machine is busy: two threads seemed to compute {gain:.1f} times as much as one; 2 is the most.")
        return
    print(f"At this moment, two threads of this machine compute {gain:.1f} times as much as one.")
    if gain < ENOUGH:
        print("So a second thread can't help with work here: its core is busy, or there is none.")


def _gain(tries=7):
    """Hashing needs no memory and no interpreter lock. The best of some tries, in turns."""
    block, times = bytes(1 << 21), {1: [], 2: []}
    with ThreadPoolExecutor(2) as pool:
        for threads in (1, 2) * tries:
            times[threads].append(_seconds(lambda n=threads: list(pool.map(_hash, [block] * n))))
    return 2 * min(times[1]) / min(times[2])


def _hash(block):
    return hashlib.sha256(block).digest()
