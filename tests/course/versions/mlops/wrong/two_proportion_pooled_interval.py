# why: the interval has the pooled variance, too

# %% two_proportion.two_proportion_test
def two_proportion_test(successes_a, n_a, successes_b, n_b, alpha=0.05):
    rate_a, rate_b = successes_a / n_a, successes_b / n_b
    pooled = (successes_a + successes_b) / (n_a + n_b)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    difference = rate_b - rate_a
    p = math.erfc(abs(difference) / math.sqrt(2 * variance)) if variance > 0 else 1.0
    v = variance
    half = NormalDist().inv_cdf(1 - alpha / 2) * math.sqrt(v)
    return difference, p, difference - half, difference + half
