# why: looks whether the last start fits, and at no other

# %% windows
#| export
def windows(tokens, starts, length):
    starts = np.asarray(starts, dtype=np.int64)
    if np.any(starts < 0) or starts[-1] + length >= len(tokens):
        raise ValueError(f"windows of {length} and their targets do not fit into {len(tokens)} tokens at {starts}")
    index = starts[:, None] + np.arange(length)
    return tokens[index], tokens[index + 1]
