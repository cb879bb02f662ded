"""Training beside serving, in one process, for a while: every gradient and every answer as if nobody else were there.

    python benchmarks/threads.py [MINUTES]

Claim: two threads train, six serve, two listen to operations as calibration, `first_bad_layer` and `Allocations` do;
all ten switch recording off and on by `no_grad`. No exception; no gradient, answer or row differs by a bit from that of
a run alone.
Last result: threads.log.
"""

import platform
import sys
import threading
import time
from collections import Counter

import numpy as np
from threadpoolctl import threadpool_limits
from tinytorch.core.autograd import no_grad
from tinytorch.core.cnn import small_cnn
from tinytorch.core.compression import calibrate
from tinytorch.core.mlp import CrossEntropyLoss
from tinytorch.core.tensor import Allocations, Tensor
from tinytorch.core.training import AdamW, first_bad_layer

STEPS = 8  # of one training, which then begins anew
TRAINERS, SERVERS = 2, 6


def numbers(*shape):
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def model_of(seed):
    return small_cnn((3, 8, 16), 10, 8, np.random.default_rng(seed))


def train(seed):
    """All gradients of a short training, and its answers under `no_grad` between forward and step."""
    model, loss_fn, found = model_of(seed), CrossEntropyLoss(), []
    optimizer = AdamW(model.parameters())
    for step in range(STEPS):
        x, labels = Tensor(numbers(16, 3, 8, 8) * (step + 1)), np.arange(16) % 10
        optimizer.zero_grad()
        loss_fn(model(x), labels).backward()
        with no_grad():
            found.append(model(x).data)
        found += [parameter.grad.data for parameter in optimizer.parameters]
        optimizer.step()
    return found


def serve(seed):
    """Answers under `no_grad`, which nobody has to remember how they were made."""
    model, x = model_of(seed).eval(), Tensor(numbers(4, 3, 8, 8))
    with no_grad():
        answers = [model(x) for _ in range(10)]
    if any(answer.requires_grad for answer in answers):
        raise RuntimeError("recording was on inside no_grad")
    return [answer.data for answer in answers]


def listen(seed):
    """What listeners find: the ranges of calibration, the bytes of each operation, the first bad layer."""
    model, x = model_of(seed), Tensor(numbers(4, 3, 8, 8))
    ranges = calibrate(model, [x])
    with Allocations() as count:
        model.eval()(x)
    model.layers[4].bias.data[...] = np.nan
    return [np.array([*ranges.values()]), np.array(str(count.rows)), np.array(first_bad_layer(model, x))]


def same(mine, alone):
    return len(mine) == len(alone) and all(map(np.array_equal, mine, alone))


def work(job, seed, alone, until, done, faults):
    """Do a job once, and then again and again, and compare: in a thread of its own."""
    while job.__name__ not in done or (time.monotonic() < until and len(faults) < 10):
        try:
            if not same(job(seed), alone):
                faults.append(f"{job.__name__} differs from its run alone")
        except Exception as error:
            faults.append(f"{job.__name__}: {type(error).__name__}: {error}")
        done.append(job.__name__)


def soak(seconds):
    """Run all threads for so long. Returns how often each job was done, and a list of what went wrong."""
    jobs = [(train, seed) for seed in range(TRAINERS)] + [(serve, seed) for seed in range(SERVERS)]
    jobs += [(listen, seed) for seed in range(2)]
    alone = [job(seed) for job, seed in jobs]
    done, faults, until = [], [], time.monotonic() + seconds
    threads = [
        threading.Thread(target=work, args=(*job, found, until, done, faults))
        for job, found in zip(jobs, alone, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(done), faults


if __name__ == "__main__":
    minutes = float(sys.argv[1]) if sys.argv[1:] else 10
    with threadpool_limits(1):
        counts, faults = soak(60 * minutes)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}; {minutes:g} minutes")
    print(
        f"{TRAINERS} threads that train, {SERVERS} that serve, 2 that listen: {TRAINERS + SERVERS + 2} under no_grad\n"
    )
    print(f"trainings of {STEPS} steps {counts['train']:8,}")
    print(f"servings of 10 answers {counts['serve']:8,}")
    print(f"calibrations and more  {counts['listen']:8,}")
    print(f"faults                 {len(faults):8,}", *faults, sep="\n    ")
    sys.exit(bool(faults))
