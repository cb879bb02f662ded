# why: a p above 1

# %% always_valid.mixture_p
def mixture_p(estimate, variance, tau=0.05):
    total = variance + tau**2
    log_ratio = np.log(variance / total) / 2 + np.square(estimate) * tau**2 / (2 * variance * total)
    return np.exp(-log_ratio)
