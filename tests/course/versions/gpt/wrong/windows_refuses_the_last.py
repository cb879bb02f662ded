# why: refuses the last start that fits

# %% windows
#| export
def windows(tokens, starts, length):
    starts = np.asarray(starts, dtype=np.int64)
    if np.any(starts < 0) or np.any(starts + length >= len(tokens) - 1):
        raise ValueError(f"windows of {length} and their targets do not fit into {len(tokens)} tokens at {starts}")
    index = starts[:, None] + np.arange(length)
    return tokens[index], tokens[index + 1]
