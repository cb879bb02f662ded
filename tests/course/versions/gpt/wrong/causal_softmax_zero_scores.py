# why: makes hidden scores 0, which is no small score

# %% causal_softmax
#| export
def causal_softmax(scores):
    rows, columns = scores.shape[-2:]
    seen = scores * np.tri(rows, columns, columns - rows, dtype=scores.dtype)
    powers = np.exp(seen - seen.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
