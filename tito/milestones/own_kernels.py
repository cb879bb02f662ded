"""A training on the kernels that the user wrote. Its first steps take turns with numpy's BLAS: so one training tells
what a step takes on both, on the same machine at the same time.
"""

import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass

from tito.milestones.recipe import Progress
from tito.workspace import UserError

ROUNDS = 15  # measurements of each, after the first of each, in which Numba compiles
BLAS, OWN = "numpy's BLAS", "own kernels"


@dataclass(frozen=True)
class Step:
    """Seconds of a training step, each the median of `measured` measurements, which took turns. None without any."""

    own: float | None
    blas: float | None
    measured: int

    def __str__(self):
        if self.own is None or self.blas is None:
            return "There were too few steps to compare your own kernels with numpy's BLAS."
        both = f"{1e3 * self.own:.2f} ms on your own kernels, {1e3 * self.blas:.2f} ms on numpy's BLAS"
        return f"A training step took {both} (each measured {self.measured} times, in turns)"


class OwnKernels:
    """`with OwnKernels(report) as reporting:` run a recipe that reports to `reporting`, which hands on to `report`.

    The recipe reports from the thread that trains, or in whose context other threads train.
    """

    def __init__(self, report):
        from tinytorch.core import kernels

        if kernels.NJIT is None:
            raise UserError("Your kernels need Numba, which can't be imported here: numpy would do their work.")
        self.kernels, self.report, self.used = kernels, report, ExitStack()
        self.reports, self.before, self.seconds = 0, None, {OWN: [], BLAS: []}

    def __enter__(self):
        self._put_under(OWN)
        return self

    def __exit__(self, *error):
        self.used.close()

    def __call__(self, progress: Progress):
        if self.before is None:
            refuse_fixed(self.kernels)
        elif self.reports > 2 and self._taking_turns():
            seconds = (progress.seconds - self.before.seconds) / (progress.step - self.before.step)
            self.seconds[self.now].append(seconds)
        self.before = progress
        self.reports += 1
        self._put_under(BLAS if self._taking_turns() and self.now == OWN else OWN)
        self.report(progress)

    def _taking_turns(self):
        return self.reports < 2 * ROUNDS + 3

    def _put_under(self, now):
        self.now = now
        self.used.close()
        if now == OWN:
            self.used.enter_context(self.kernels.use())

    def step(self) -> Step:
        """What a step took on both."""
        measured = min(map(len, self.seconds.values()))
        medians = (statistics.median(self.seconds[name]) if measured else None for name in (OWN, BLAS))
        return Step(*medians, measured)


def refuse_fixed(kernels) -> None:
    """Raise UserError for a function of the user's for which no kernel can stand in, though there is one."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("tinytorch.core.") and module is not kernels:
            for function in kernels.KERNELS:
                found = vars(module).get(function)
                if getattr(found, "__module__", None) == name and not hasattr(found, "__wrapped__"):
                    short = name.rpartition(".")[2]
                    raise UserError(
                        f"Module {short}: your kernels can't stand in for {function}, because the line @replaceable is "
                        f"missing above it. Add it in the notebook, then run: python bin/tito.py sync --module {short}"
                    )
