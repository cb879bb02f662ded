# why: takes zeros after softmax, so rows do not add up to 1

# %% causal_softmax
#| export
def causal_softmax(scores):
    rows, columns = scores.shape[-2:]
    seen = scores
    powers = np.exp(seen - seen.max(axis=-1, keepdims=True))
    shares = powers / powers.sum(axis=-1, keepdims=True)
    return shares * np.tri(rows, columns, columns - rows, dtype=scores.dtype)
