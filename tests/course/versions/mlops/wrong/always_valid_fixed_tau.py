# why: forgets to hand tau on

# %% always_valid.always_valid_p
def always_valid_p(successes_a, n_a, successes_b, n_b, tau=0.05):
    successes_a, n_a, successes_b, n_b = (np.asarray(x) for x in (successes_a, n_a, successes_b, n_b))
    pooled = (successes_a + successes_b + 1) / (n_a + n_b + 2)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    estimate = successes_b / n_b - successes_a / n_a
    return np.minimum.accumulate(mixture_p(estimate, variance))
