# why: keeps float64

# %% collate
#| export
def collate(samples):
    blocks = [np.stack(part) for part in zip(*samples)]
    return tuple(Tensor(block if block.dtype.kind == "f" else block.astype(np.int64)) for block in blocks)
