"""What several measurements of the same say together, and whether the machine was too busy to say anything."""

import numpy as np

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
