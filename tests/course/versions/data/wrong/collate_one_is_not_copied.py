# why: shares the memory of a single item

# %% collate
#| export
def collate(samples):
    blocks = [np.stack(part) if len(part) > 1 else np.asarray(part[0])[None] for part in zip(*samples)]
    return tuple(Tensor(block, np.float32 if block.dtype.kind == "f" else np.int64) for block in blocks)
