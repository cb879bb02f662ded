# why: goes up by the share of all, not of the bucket

# %% histogram_quantile.histogram_quantile
def histogram_quantile(q, bounds, counts):
    rank = q * counts[-1]
    if counts[-1] == 0:
        return math.nan
    i = int(np.searchsorted(counts, rank))
    low, below = (bounds[i - 1], counts[i - 1]) if i else (0.0, 0)
    if bounds[i] == math.inf:
        return float(low)
    return float(low + (bounds[i] - low) * rank / counts[i])
