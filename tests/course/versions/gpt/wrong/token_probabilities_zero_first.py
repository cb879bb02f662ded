# why: answers for temperature 0 before it has looked at top_k

# %% token_probabilities
#| export
def token_probabilities(logits, temperature=1.0, top_k=None):
    logits = np.array(logits, dtype=np.float64)
    if temperature == 0:
        return np.eye(len(logits))[logits.argmax()]
    if temperature < 0 or (top_k is not None and top_k < 1):
        raise ValueError(f"a temperature is at least 0 and a top_k at least 1, not {temperature} and {top_k}")
    if top_k is not None and top_k < len(logits):
        logits[logits < np.sort(logits)[-top_k]] = -np.inf
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum()
