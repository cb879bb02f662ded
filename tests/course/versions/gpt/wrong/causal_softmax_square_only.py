# why: the first row sees the first column, whatever was read before

# %% causal_softmax
#| export
def causal_softmax(scores):
    rows, columns = scores.shape[-2:]
    seen = np.where(np.tri(rows, columns, dtype=bool), scores, -np.inf)
    powers = np.exp(seen - seen.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
