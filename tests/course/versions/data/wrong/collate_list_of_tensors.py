# why: returns a list

# %% collate
#| export
def collate(samples):
    blocks = [np.stack(part) for part in zip(*samples)]
    return [Tensor(block, np.float32 if block.dtype.kind == "f" else np.int64) for block in blocks]
