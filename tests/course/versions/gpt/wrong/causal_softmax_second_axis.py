# why: axis 1, which is the last one only where there are no heads

# %% causal_softmax
#| export
def causal_softmax(scores):
    rows, columns = scores.shape[-2:]
    seen = np.where(np.tri(rows, columns, columns - rows, dtype=bool), scores, -np.inf)
    powers = np.exp(seen - seen.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
