# why: makes int64 of the tokens

# %% windows
#| export
def windows(tokens, starts, length):
    starts = np.asarray(starts, dtype=np.int64)
    if np.any(starts < 0) or np.any(starts + length >= len(tokens)):
        raise ValueError(f"windows of {length} and their targets do not fit into {len(tokens)} tokens at {starts}")
    index = starts[:, None] + np.arange(length)
    tokens = tokens.astype(np.int64)
    return tokens[index], tokens[index + 1]
