"""Statistics of MLOps as SciPy computes them, in other ways: writes mlops.npz next to this script.

    python make_mlops.py        # needs scipy; made with scipy 1.16

The gaps are ks_2samp's and their p the tail of Kolmogorov's distribution; psi is a sum of relative entropies, both
ways; the p of two proportions is that of the chi-squared test of their table; mixture_p is an integral over all true
differences, done numerically. Names are <case>.<what>; tests/tinytorch/test_mlops.py reads them.
"""

from pathlib import Path

import numpy as np
from scipy import integrate, special, stats

rng = np.random.default_rng(12)
golden = {}

for i in range(12):
    n, m = rng.integers(5, 200, 2)
    a, b = rng.normal(0, 1, n), rng.normal(0.3 * (i % 3), 1 + 0.2 * (i % 2), m)
    a, b = (a.round(1), b.round(1)) if i % 4 == 0 else (a, b)
    gap = stats.ks_2samp(a, b, method="asymp").statistic
    p = special.kolmogorov(gap * np.sqrt(n * m / (n + m)))
    golden |= {f"ks.{i}.a": a, f"ks.{i}.b": b, f"ks.{i}.expected": np.array([gap, p])}

pairs = rng.dirichlet(np.ones(10), (8, 2))
golden["psi.pairs"] = pairs
golden["psi.expected"] = np.array([(special.rel_entr(p, q) + special.rel_entr(q, p)).sum() for p, q in pairs])

n = rng.integers(20, 2000, (20, 2))
successes = rng.binomial(n, rng.uniform(0.1, 0.9, (20, 2)) * 0.2 + 0.5)
tables = [[[s[0], k[0] - s[0]], [s[1], k[1] - s[1]]] for s, k in zip(successes, n, strict=True)]
golden |= {"proportions.n": n, "proportions.successes": successes}
golden["proportions.p"] = np.array([stats.chi2_contingency(table, correction=False).pvalue for table in tables])
rates = successes / n
half = stats.norm.ppf(0.975) * np.sqrt((rates * (1 - rates) / n).sum(axis=1))
difference = rates[:, 1] - rates[:, 0]
golden["proportions.interval"] = np.stack([difference - half, difference + half], axis=1)


def ratio(estimate, variance, tau):
    """How much likelier the estimate is if the true value was drawn from N(0, tau²) than if it is 0."""

    def joint(true):
        return stats.norm.pdf(estimate, true, np.sqrt(variance)) * stats.norm.pdf(true, 0, tau)

    mixed, _ = integrate.quad(joint, -1, 1, points=(0, estimate), epsabs=1e-12, epsrel=1e-10, limit=500)
    return mixed / stats.norm.pdf(estimate, 0, np.sqrt(variance))


cases = np.stack([rng.normal(0, 0.05, 12), rng.uniform(1e-4, 3e-3, 12), rng.uniform(0.01, 0.15, 12)], axis=1)
golden |= {"mixture.cases": cases, "mixture.p": np.array([min(1, 1 / ratio(*case)) for case in cases])}

np.savez_compressed(Path(__file__).with_name("mlops.npz"), **golden)
print(len(golden), "arrays")
