"""Effect sizes and widths of timings as scipy computes them: writes benchmarking.npz next to this script.

    python make_benchmarking.py        # needs scipy; made with scipy 1.17.1

Cliff's delta is 2 U / (n m) - 1, with the U of the Mann-Whitney test. tests/tinytorch/test_benchmarking.py reads it.
"""

from pathlib import Path

import numpy as np
import scipy
from scipy.stats import mannwhitneyu, median_abs_deviation

rng = np.random.default_rng(11)
golden = {}
for i, (n, m, digits) in enumerate([(1, 1, 9), (5, 8, 9), (40, 31, 9), (60, 60, 1), (25, 70, 0)]):
    a, b = np.round(rng.lognormal(0.2, 0.5, n), digits) + 0.5, np.round(rng.lognormal(0, 0.5, m), digits) + 0.5
    golden |= {f"{i}.a": a, f"{i}.b": b}
    golden[f"{i}.delta"] = np.array(2 * mannwhitneyu(a, b).statistic / (n * m) - 1)
    golden[f"{i}.noise"] = np.array(median_abs_deviation(b, scale="normal") / np.median(b))
    golden[f"{i}.quantiles"] = scipy.stats.mstats.mquantiles(b, [0.1, 0.95], alphap=1, betap=1).data

path = Path(__file__).with_name("benchmarking.npz")
np.savez_compressed(path, **golden)
print(f"{path.name}: {len(golden)} arrays, {path.stat().st_size:,} bytes, scipy {scipy.__version__}")
